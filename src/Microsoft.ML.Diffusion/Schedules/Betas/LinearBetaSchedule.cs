namespace Microsoft.ML.Diffusion;

/// <summary>β rises linearly from step to step: DDPM's schedule (Ho et al. 2020, arXiv:2006.11239, section 4).</summary>
/// <param name="steps">T, the number of steps; 2 … 100,000. 1000 unless given.</param>
/// <param name="betaStart">β of the first step; in (0, 1). 0.0001 unless given.</param>
/// <param name="betaEnd">β of the last step; in [<paramref name="betaStart"/>, 1). 0.02 unless given.</param>
public sealed class LinearBetaSchedule(int steps = 1000, double betaStart = 0.0001, double betaEnd = 0.02)
    : DiscreteSchedule(BetaTable.Linear(steps, betaStart, betaEnd))
{
    /// <summary>β of the first step.</summary>
    public double BetaStart { get; } = betaStart;

    /// <summary>β of the last step.</summary>
    public double BetaEnd { get; } = betaEnd;
}
