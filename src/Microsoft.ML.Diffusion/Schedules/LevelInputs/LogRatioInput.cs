namespace Microsoft.ML.Diffusion;

/// <summary>
/// A multiple of ln(σ/α): c_noise of Karras et al. 2022 (arXiv:2206.00364, Table 1) is ln(σ)/4 for EDM and ln(σ/2) for NCSN++. σ/α is limited to [1e-5, 1e5], so that
/// clean data and pure noise are finite.
/// </summary>
public sealed class LogRatioInput : LevelInput
{
    private const double LeastRatio = 1e-5, GreatestRatio = 1e5;

    /// <summary>factor·ln((σ/α)/unit).</summary>
    /// <param name="factor">The factor; positive. 1/4 unless given, EDM's.</param>
    /// <param name="unit">The σ/α that is told as 0; positive. 1 unless given.</param>
    public LogRatioInput(double factor = 0.25, double unit = 1)
    {
        if (!(factor > 0 && double.IsFinite(factor)))
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "The factor must be positive and finite.");
        if (!(unit > 0 && double.IsFinite(unit)))
            throw new ArgumentOutOfRangeException(nameof(unit), unit, "The unit must be positive and finite.");
        Factor = factor;
        Unit = unit;
    }

    /// <summary>The factor.</summary>
    public double Factor { get; }

    /// <summary>The σ/α that is told as 0.</summary>
    public double Unit { get; }

    /// <inheritdoc/>
    public override double Of(NoiseLevel level) => Factor * Math.Log(Math.Clamp(level.Ratio, LeastRatio, GreatestRatio) / Unit);
}
