namespace Microsoft.ML.Diffusion;

/// <summary>
/// How an ancestral step divides the noise of the level where it ends: it goes down further, deterministically, and adds the rest afresh
/// (Song et al. 2021, arXiv:2010.02502, eq. 16, for α² + σ² of any size; k-diffusion's get_ancestral_step).
/// </summary>
/// <param name="Down">Where the deterministic part ends: α of the target, and less noise.</param>
/// <param name="Fresh">The standard deviation of the fresh noise.</param>
internal readonly record struct AncestralSplit(NoiseLevel Down, double Fresh)
{
    /// <summary>The split of a step.</summary>
    /// <param name="from">Where the step starts.</param>
    /// <param name="to">Where it ends.</param>
    /// <param name="eta">η: the fresh share of the variance is η²·(1 − (r_to/r)²), at most all of it.</param>
    /// <param name="leastRatio">The deterministic part goes no further down than this σ/α.</param>
    public static AncestralSplit Of(NoiseLevel from, NoiseLevel to, double eta, double leastRatio = 0)
    {
        double share = Math.Min(1, eta * eta * from.RenewedShare(to));
        double down = to.Sigma * Math.Sqrt(1 - share), least = to.Alpha * leastRatio;
        return down >= least
            ? new AncestralSplit(to with { Sigma = down }, to.Sigma * Math.Sqrt(share))
            : new AncestralSplit(to with { Sigma = least }, Math.Sqrt((to.Sigma - least) * (to.Sigma + least)));
    }

    /// <summary>The variance of the noise that the step adds.</summary>
    /// <param name="scale">The factor of the noise.</param>
    public double Variance(double scale) => scale * Fresh * (scale * Fresh);

    /// <summary>Adds the fresh noise, where there is any.</summary>
    /// <param name="trace">The recording.</param>
    /// <param name="x">The state at <see cref="Down"/>.</param>
    /// <param name="scale">The factor of the noise.</param>
    public LinearExpression Renew(PlanTracer trace, LinearExpression x, double scale)
        => scale * Fresh > 0 ? x + scale * Fresh * trace.Noise() : x;
}
