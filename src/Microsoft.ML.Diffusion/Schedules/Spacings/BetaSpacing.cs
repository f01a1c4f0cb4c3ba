using BetaDistribution = MathNet.Numerics.Distributions.Beta;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Noise ratios at even quantiles of a Beta distribution between the largest and the smallest, then 0: more steps near both ends (Lee et al.
/// 2024, arXiv:2407.12173); diffusers' <c>use_beta_sigmas</c>.
/// </summary>
/// <param name="alpha">The first shape of the distribution; positive. 0.6 unless given: smaller puts more steps near the data.</param>
/// <param name="beta">The second shape of the distribution; positive. 0.6 unless given: smaller puts more steps near the noise.</param>
/// <param name="ratioMin">The smallest σ/α above 0; null for the schedule's own.</param>
/// <param name="ratioMax">The largest σ/α; null for the schedule's own.</param>
public sealed class BetaSpacing(double alpha = 0.6, double beta = 0.6, double? ratioMin = null, double? ratioMax = null) : RatioSpacing(ratioMin, ratioMax)
{
    /// <summary>The first shape of the distribution.</summary>
    public double Alpha { get; } = alpha > 0 && double.IsFinite(alpha) ? alpha : throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "The shape must be positive and finite.");

    /// <summary>The second shape of the distribution.</summary>
    public double Beta { get; } = beta > 0 && double.IsFinite(beta) ? beta : throw new ArgumentOutOfRangeException(nameof(beta), beta, "The shape must be positive and finite.");

    private protected override double Ratio(double smallest, double largest, double fraction)
        => smallest + Quantile(1 - fraction) * (largest - smallest);

    private double Quantile(double p)
    {
        // The library's root finder stops at 1e-8; Newton's steps from there double the digits.
        double x = BetaDistribution.InvCDF(Alpha, Beta, p);
        for (int i = 0; i < 3 && x is > 0 and < 1; i++)
            x = Math.Clamp(x - (BetaDistribution.CDF(Alpha, Beta, x) - p) / BetaDistribution.PDF(Alpha, Beta, x), 0, 1);
        return x;
    }
}
