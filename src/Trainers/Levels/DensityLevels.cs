namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Times of a density, one of <see cref="KnownTimeDensities"/> or your own, on any schedule.</summary>
/// <param name="density">The density of times.</param>
public sealed class DensityLevels(TimeDensity density) : LevelDistribution
{
    /// <summary>The density of times.</summary>
    public TimeDensity Density { get; } = density ?? throw new ArgumentNullException(nameof(density));

    /// <inheritdoc/>
    public override double Time(double u, NoiseSchedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        double t = Density.Time(u);
        // A discrete schedule trains at its steps.
        return schedule is DiscreteSchedule discrete ? discrete.TrainingTime(t) : t;
    }
}
