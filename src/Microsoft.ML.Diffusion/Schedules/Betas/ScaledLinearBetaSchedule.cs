namespace Microsoft.ML.Diffusion;

/// <summary>√β rises linearly from step to step: the schedule of latent diffusion (Rombach et al. 2022, arXiv:2112.10752).</summary>
/// <param name="steps">T, the number of steps; 2 … 100,000. 1000 unless given.</param>
/// <param name="betaStart">β of the first step; in (0, 1). 0.00085 unless given.</param>
/// <param name="betaEnd">β of the last step; in [<paramref name="betaStart"/>, 1). 0.012 unless given.</param>
public sealed class ScaledLinearBetaSchedule(int steps = 1000, double betaStart = 0.00085, double betaEnd = 0.012)
    : DiscreteSchedule(BetaTable.ScaledLinear(steps, betaStart, betaEnd))
{
    /// <summary>β of the first step.</summary>
    public double BetaStart { get; } = betaStart;

    /// <summary>β of the last step.</summary>
    public double BetaEnd { get; } = betaEnd;
}
