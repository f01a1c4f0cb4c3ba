namespace Microsoft.ML.Diffusion;

/// <summary>
/// Noise ratios that fall geometrically, then 0: even in log-SNR (Lu et al. 2022, arXiv:2206.00927). With another ρ, ln(σ/α) falls along
/// the ρ-th power of an even ramp (k-diffusion's polyexponential).
/// </summary>
/// <param name="rho">ρ; positive. 1 unless given: larger puts more steps near the data.</param>
/// <param name="ratioMin">The smallest σ/α above 0; null for the schedule's own.</param>
/// <param name="ratioMax">The largest σ/α; null for the schedule's own.</param>
public sealed class ExponentialSpacing(double rho = 1, double? ratioMin = null, double? ratioMax = null) : RatioSpacing(ratioMin, ratioMax)
{
    /// <summary>ρ.</summary>
    public double Rho { get; } = rho > 0 && double.IsFinite(rho) ? rho : throw new ArgumentOutOfRangeException(nameof(rho), rho, "ρ must be positive and finite.");

    private protected override double Ratio(double smallest, double largest, double fraction)
        => smallest * Math.Exp(Math.Pow(1 - fraction, Rho) * Math.Log(largest / smallest));
}
