using MathNet.Numerics.Distributions;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// ln(σ/α) is normally distributed, within the range of the schedule, whatever its family (Karras et al. 2022, arXiv:2206.00364, Table 1; for consistency training with mean −1.1 and
/// deviation 2, Song and Dhariwal 2023, arXiv:2310.14189, section 3.5).
/// </summary>
/// <param name="mean">The mean of ln(σ/α); finite. −1.2 unless given.</param>
/// <param name="deviation">The standard deviation; positive, finite. 1.2 unless given.</param>
public sealed class LogNormalLevels(double mean = -1.2, double deviation = 1.2) : LevelDistribution
{
    /// <summary>The mean of ln(σ/α).</summary>
    public double Mean { get; } = double.IsFinite(mean) ? mean : throw new ArgumentOutOfRangeException(nameof(mean), mean, "The mean must be finite.");

    /// <summary>The standard deviation of ln(σ/α).</summary>
    public double Deviation { get; } = deviation > 0 && double.IsFinite(deviation)
        ? deviation
        : throw new ArgumentOutOfRangeException(nameof(deviation), deviation, "The deviation must be positive and finite.");

    /// <inheritdoc/>
    public override double Time(double u, NoiseSchedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var (smallest, largest) = schedule.RatioRange;
        return schedule.TimeOf(-2 * Math.Log(Math.Clamp(Math.Exp(Normal.InvCDF(Mean, Deviation, u)), smallest, largest)));
    }
}
