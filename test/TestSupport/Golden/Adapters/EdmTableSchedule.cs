namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>
/// The schedules of Karras et al. 2022 (arXiv:2206.00364), Table 1, as functions of the paper: σ(t), its inverse, and s(t) = 1/√(1+σ²) or 1.
/// The state is s·(x0 + σ·ε).
/// </summary>
/// <param name="sigma">σ(t).</param>
/// <param name="derivative">dσ/dt.</param>
/// <param name="inverse">t(σ).</param>
/// <param name="preserving">Whether s(t) = 1/√(1+σ²).</param>
internal sealed class EdmTableSchedule(Func<double, double> sigma, Func<double, double> derivative, Func<double, double> inverse, bool preserving) : NoiseSchedule
{
    public override (double Smallest, double Largest) RatioRange => (sigma(1e-3), sigma(1));

    public override TimeSpacing DefaultSpacing => KnownSpacings.Trailing;

    /// <summary>The VP column, with β_d and β_min of the paper.</summary>
    public static EdmTableSchedule Vp(double betaRange, double betaMin, bool preserving)
    {
        double Sigma(double t) => Math.Sqrt(Math.Exp(0.5 * betaRange * t * t + betaMin * t) - 1);
        return new EdmTableSchedule(
            Sigma,
            t => 0.5 * (betaMin + betaRange * t) * (Sigma(t) + 1 / Sigma(t)),
            value => (Math.Sqrt(betaMin * betaMin + 2 * betaRange * Math.Log(value * value + 1)) - betaMin) / betaRange,
            preserving);
    }

    /// <summary>The VE column, σ = √t, with time in units of the largest σ².</summary>
    public static EdmTableSchedule Ve(double largest, bool preserving)
        => new(t => largest * Math.Sqrt(t), t => largest / (2 * Math.Sqrt(t)), value => value * value / (largest * largest), preserving);

    /// <summary>EDM's own column, σ = t, with time in units of the largest σ.</summary>
    public static EdmTableSchedule Linear(double largest, bool preserving)
        => new(t => largest * t, _ => largest, value => value / largest, preserving);

    public override NoiseLevel At(double t)
    {
        double scale = ScaleAt(t);
        return new NoiseLevel(scale, scale * sigma(t));
    }

    public override LevelDerivative DerivativeAt(double t)
    {
        double scale = ScaleAt(t), slope = derivative(t);
        double scaleSlope = preserving ? -sigma(t) * slope * scale * scale * scale : 0;
        return new LevelDerivative(scaleSlope, scaleSlope * sigma(t) + scale * slope);
    }

    public override double TimeOf(double logSnr) => inverse(Math.Exp(-logSnr / 2));

    private double ScaleAt(double t) => preserving ? 1 / Math.Sqrt(1 + sigma(t) * sigma(t)) : 1;
}
