using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>A schedule in continuous time whose rate β(t) rises linearly: ∫β = β_min·t + ½(β_max − β_min)·t² (Song et al. 2021, arXiv:2011.13456, appendix C).</summary>
public abstract class LinearBetaRateSchedule : ContinuousSchedule
{
    // Below this time score-based models are neither trained nor asked (Song et al. 2021, appendix C).
    private const double FirstTime = 1e-3;

    private protected LinearBetaRateSchedule(double betaMin, double betaMax, TimeDensity? density)
        : base(density)
    {
        if (!(betaMin >= 0 && betaMin < betaMax && double.IsFinite(betaMax)))
            throw new ArgumentOutOfRangeException(nameof(betaMin), $"Expected 0 <= betaMin < betaMax, both finite, got {betaMin} and {betaMax}.");
        BetaMin = betaMin;
        BetaMax = betaMax;
    }

    /// <summary>β(0).</summary>
    public double BetaMin { get; }

    /// <summary>β(1).</summary>
    public double BetaMax { get; }

    /// <inheritdoc/>
    [JsonIgnore]
    public sealed override (double Smallest, double Largest) RatioRange => (At(FirstTime).Ratio, At(1).Ratio);

    /// <inheritdoc/>
    [JsonIgnore]
    public sealed override TimeSpacing DefaultSpacing => KnownSpacings.Trailing;

    /// <inheritdoc/>
    public sealed override double TimeOf(double logSnr)
    {
        double integral = IntegralOf(Math.Exp(-logSnr / 2));
        if (!double.IsFinite(integral))
            return 1;
        // The root of ½(β_max − β_min)·t² + β_min·t = ∫β, in the form that keeps its digits where t is small.
        double root = Math.Sqrt(BetaMin * BetaMin + 2 * (BetaMax - BetaMin) * integral);
        return integral == 0 ? 0 : Math.Min(2 * integral / (BetaMin + root), 1);
    }

    private protected sealed override double FirstTrainingTime => FirstTime;

    /// <summary>β(t).</summary>
    private protected double RateAt(double t) => BetaMin + t * (BetaMax - BetaMin);

    /// <summary>∫β from 0 to t.</summary>
    private protected double IntegralTo(double t) => t * (BetaMin + t / 2 * (BetaMax - BetaMin));

    /// <summary>∫β at which σ/α has a value.</summary>
    private protected abstract double IntegralOf(double ratio);
}
