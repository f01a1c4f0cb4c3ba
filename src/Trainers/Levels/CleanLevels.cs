namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>The cleanest level of the schedule alone.</summary>
internal sealed class CleanLevels : LevelDistribution
{
    /// <inheritdoc/>
    public override double Time(double u, NoiseSchedule schedule) => schedule.TimeOf(-2 * Math.Log(schedule.RatioRange.Smallest));
}
