using System.Text.Json.Serialization;
using MathNet.Numerics.Distributions;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The variance-exploding schedule of EDM: α = 1, σ = SigmaMax·t, with log-normal training noise
/// (Karras et al. 2022, arXiv:2206.00364, Table 1). σ is proportional to time, so integrating in t is integrating in σ.
/// </summary>
/// <param name="sigmaMin">The smallest σ above 0 that sampling visits; positive. 0.002 unless given.</param>
/// <param name="sigmaMax">The largest σ; above <paramref name="sigmaMin"/>, finite. 80 unless given.</param>
/// <param name="logSigmaMean">The mean of ln σ in training. −1.2 unless given.</param>
/// <param name="logSigmaDeviation">The standard deviation of ln σ in training; positive. 1.2 unless given.</param>
public sealed class EdmSchedule(double sigmaMin = 0.002, double sigmaMax = 80, double logSigmaMean = -1.2, double logSigmaDeviation = 1.2) : NoiseSchedule
{
    /// <summary>The smallest σ above 0 that sampling visits.</summary>
    public double SigmaMin { get; } = sigmaMin > 0 && sigmaMin < sigmaMax && double.IsFinite(sigmaMax)
        ? sigmaMin
        : throw new ArgumentOutOfRangeException(nameof(sigmaMin), $"Expected 0 < sigmaMin < sigmaMax, both finite, got {sigmaMin} and {sigmaMax}.");

    /// <summary>The largest σ.</summary>
    public double SigmaMax { get; } = sigmaMax;

    /// <summary>The mean of ln σ in training.</summary>
    public double LogSigmaMean { get; } = double.IsFinite(logSigmaMean)
        ? logSigmaMean
        : throw new ArgumentOutOfRangeException(nameof(logSigmaMean), logSigmaMean, "The mean of ln σ must be finite.");

    /// <summary>The standard deviation of ln σ in training.</summary>
    public double LogSigmaDeviation { get; } = logSigmaDeviation > 0 && double.IsFinite(logSigmaDeviation)
        ? logSigmaDeviation
        : throw new ArgumentOutOfRangeException(nameof(logSigmaDeviation), logSigmaDeviation, "The deviation of ln σ must be positive and finite.");

    /// <inheritdoc/>
    [JsonIgnore]
    public override (double Smallest, double Largest) RatioRange => (SigmaMin, SigmaMax);

    /// <inheritdoc/>
    [JsonIgnore]
    public override TimeSpacing DefaultSpacing => new KarrasSpacing();

    /// <inheritdoc/>
    public override NoiseLevel At(double t) => new(1, SigmaMax * t);

    /// <inheritdoc/>
    public override LevelDerivative DerivativeAt(double t) => new(0, SigmaMax);

    /// <inheritdoc/>
    public override double TimeOf(double logSnr) => Math.Clamp(Math.Exp(-logSnr / 2) / SigmaMax, 0, 1);

    /// <inheritdoc/>
    public override double TrainingTime(double u)
        => Math.Clamp(Math.Exp(Normal.InvCDF(LogSigmaMean, LogSigmaDeviation, u)), SigmaMin, SigmaMax) / SigmaMax;

    /// <inheritdoc/>
    public override double PriorScale(NoiseLevel level) => level.Sigma;
}
