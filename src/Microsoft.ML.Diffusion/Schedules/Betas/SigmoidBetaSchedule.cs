namespace Microsoft.ML.Diffusion;

/// <summary>
/// β rises along a logistic curve, from −6 to 6, from step to step: the schedule of GeoDiff (Xu et al. 2022, arXiv:2203.02923); diffusers'
/// <c>sigmoid</c>.
/// </summary>
/// <param name="steps">T, the number of steps; 2 … 100,000. 1000 unless given.</param>
/// <param name="betaStart">β towards which the curve falls at the first step; in (0, 1). 0.0001 unless given.</param>
/// <param name="betaEnd">β towards which the curve rises at the last step; in [<paramref name="betaStart"/>, 1). 0.02 unless given.</param>
public sealed class SigmoidBetaSchedule(int steps = 1000, double betaStart = 0.0001, double betaEnd = 0.02)
    : DiscreteSchedule(BetaTable.SigmoidBeta(steps, betaStart, betaEnd))
{
    /// <summary>β towards which the curve falls at the first step.</summary>
    public double BetaStart { get; } = betaStart;

    /// <summary>β towards which the curve rises at the last step.</summary>
    public double BetaEnd { get; } = betaEnd;
}
