namespace Microsoft.ML.Diffusion;

/// <summary>
/// β² rises linearly from step to step: the <c>sqrt</c> schedule of latent diffusion (Rombach et al. 2022, arXiv:2112.10752,
/// make_beta_schedule). Its <c>sqrt_linear</c> is <see cref="LinearBetaSchedule"/>, its <c>linear</c> <see cref="ScaledLinearBetaSchedule"/>.
/// </summary>
/// <param name="steps">T, the number of steps; 2 … 100,000. 1000 unless given.</param>
/// <param name="squareStart">β² of the first step; in (0, 1). 0.0001 unless given.</param>
/// <param name="squareEnd">β² of the last step; in [<paramref name="squareStart"/>, 1). 0.02 unless given.</param>
public sealed class SqrtBetaSchedule(int steps = 1000, double squareStart = 0.0001, double squareEnd = 0.02)
    : DiscreteSchedule(BetaTable.Sqrt(steps, squareStart, squareEnd))
{
    /// <summary>β² of the first step.</summary>
    public double SquareStart { get; } = squareStart;

    /// <summary>β² of the last step.</summary>
    public double SquareEnd { get; } = squareEnd;
}
