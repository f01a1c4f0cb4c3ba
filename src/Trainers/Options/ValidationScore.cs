namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>What validation measures beside the loss: the accuracy of a classifier, the retrieval of encoders.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">The share of rows that were recognised, in [0, 1].</param>
/// <param name="Levels">That share by noise level, in twentieths of the levels that training draws, from little noise to much.</param>
public sealed record ValidationScore(string Name, double Value, IReadOnlyList<LevelScore> Levels)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Name} {Value:p1}");
}
