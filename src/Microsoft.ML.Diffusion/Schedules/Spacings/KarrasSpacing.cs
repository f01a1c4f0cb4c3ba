namespace Microsoft.ML.Diffusion;

/// <summary>Noise ratios whose ρ-th roots are evenly spaced, then 0 (Karras et al. 2022, arXiv:2206.00364, eq. 5).</summary>
/// <param name="rho">ρ; positive. 7 unless given: larger puts more steps near the data.</param>
/// <param name="ratioMin">The smallest σ/α above 0; null for the schedule's own.</param>
/// <param name="ratioMax">The largest σ/α; null for the schedule's own.</param>
public sealed class KarrasSpacing(double rho = 7, double? ratioMin = null, double? ratioMax = null) : RatioSpacing(ratioMin, ratioMax)
{
    /// <summary>ρ.</summary>
    public double Rho { get; } = rho > 0 && double.IsFinite(rho) ? rho : throw new ArgumentOutOfRangeException(nameof(rho), rho, "ρ must be positive and finite.");

    private protected override double Ratio(double smallest, double largest, double fraction)
    {
        double from = Math.Pow(largest, 1 / Rho), to = Math.Pow(smallest, 1 / Rho);
        return Math.Pow(from + fraction * (to - from), Rho);
    }
}
