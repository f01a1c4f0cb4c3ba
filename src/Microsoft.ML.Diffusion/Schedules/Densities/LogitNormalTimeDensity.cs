using MathNet.Numerics.Distributions;

namespace Microsoft.ML.Diffusion;

/// <summary>ln(t/(1−t)) is normally distributed: fewer times near both ends (Esser et al. 2024, arXiv:2403.03206, eq. 19).</summary>
/// <param name="mean">The mean m; finite. 0 unless given: larger is noisier.</param>
/// <param name="deviation">The standard deviation s; positive. 1 unless given.</param>
public sealed class LogitNormalTimeDensity(double mean = 0, double deviation = 1) : TimeDensity
{
    /// <summary>The mean m.</summary>
    public double Mean { get; } = double.IsFinite(mean) ? mean : throw new ArgumentOutOfRangeException(nameof(mean), mean, "The mean must be finite.");

    /// <summary>The standard deviation s.</summary>
    public double Deviation { get; } = deviation > 0 && double.IsFinite(deviation)
        ? deviation
        : throw new ArgumentOutOfRangeException(nameof(deviation), deviation, "The deviation must be positive and finite.");

    /// <inheritdoc/>
    public override double Time(double u) => 1 / (1 + Math.Exp(-Normal.InvCDF(Mean, Deviation, u)));
}
