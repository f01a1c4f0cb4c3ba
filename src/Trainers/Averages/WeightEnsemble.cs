namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// Several weights of one run instead of a single one: the model answers with the mean of their estimates. With <see cref="SgldOptimizer"/> they are samples of the posterior, and the mean is that of the
/// predictive distribution (Welling and Teh 2011, section 3); with other optimizers they are the snapshots of one run. Sampling, memory and files cost as many times more.
/// </summary>
/// <param name="members">The number of weights; at least 2.</param>
/// <param name="burnIn">The fraction of the run before the part from which they are taken, at equal distances and at its end; in [0, 1). 0.5 unless given.</param>
public sealed class WeightEnsemble(int members, double burnIn = 0.5)
{
    /// <summary>The number of weights.</summary>
    public int Members { get; } = members >= 2 ? members : throw new ArgumentOutOfRangeException(nameof(members), members, "An ensemble has at least 2 members.");

    /// <summary>The fraction of the run before the part from which they are taken.</summary>
    public double BurnIn { get; } = burnIn is >= 0 and < 1 ? burnIn : throw new ArgumentOutOfRangeException(nameof(burnIn), burnIn, "The burn-in must be in [0, 1).");

    /// <summary>The number of members that are due, the last weights of the run apart.</summary>
    /// <param name="fraction">How much of the run is done.</param>
    internal int DueAt(double fraction) => Math.Clamp((int)Math.Floor((fraction - BurnIn) / (1 - BurnIn) * Members), 0, Members - 1);
}
