namespace Microsoft.ML.Diffusion;

/// <summary>
/// The path α = (1 − t)ⁿ, σ = 1 − α: rectified flow with time bent, n = 1 is <see cref="RectifiedFlowSchedule"/> (the polynomial scheduler of Lipman et
/// al. 2024, arXiv:2412.06264, section 4).
/// </summary>
/// <param name="exponent">n; positive. 3 unless given: larger spends more time near the noise.</param>
/// <param name="density">From which density training draws its times; uniform unless given.</param>
public sealed class PolynomialFlowSchedule(double exponent = 3, TimeDensity? density = null) : FlowSchedule(density)
{
    /// <summary>n.</summary>
    public double Exponent { get; } = exponent > 0 && double.IsFinite(exponent)
        ? exponent
        : throw new ArgumentOutOfRangeException(nameof(exponent), exponent, "The exponent must be positive and finite.");

    /// <inheritdoc/>
    public override NoiseLevel At(double t)
    {
        double alpha = Math.Pow(1 - t, Exponent);
        return new NoiseLevel(alpha, 1 - alpha);
    }

    /// <inheritdoc/>
    public override LevelDerivative DerivativeAt(double t)
    {
        double slope = Exponent * Math.Pow(1 - t, Exponent - 1);
        return new LevelDerivative(-slope, slope);
    }

    /// <inheritdoc/>
    public override double TimeOf(double logSnr) => 1 - Math.Pow(1 / (1 + Math.Exp(-logSnr / 2)), 1 / Exponent);
}
