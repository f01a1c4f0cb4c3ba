namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Each row meets its own noise, whatever the row.</summary>
public sealed class IndependentPairing : NoisePairing
{
    /// <inheritdoc/>
    public override int[]? Pair(ReadOnlySpan<float> samples, ReadOnlySpan<float> noise, int rows) => null;
}
