namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>The levels as the schedule's family has them: <see cref="NoiseSchedule.TrainingTime"/>.</summary>
public sealed class ScheduleLevels : LevelDistribution
{
    /// <inheritdoc/>
    public override double Time(double u, NoiseSchedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return schedule.TrainingTime(u);
    }
}
