using System.Runtime.CompilerServices;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// As often as sampling visits levels with the schedule's own spacing: what guides samplers at every level is asked at all of them alike, while a denoiser learns most at the middle ones.
/// </summary>
public sealed class SamplingLevels : LevelDistribution
{
    private const int Steps = 128;

    private static readonly ConditionalWeakTable<NoiseSchedule, double[]> s_times = [];

    /// <inheritdoc/>
    public override double Time(double u, NoiseSchedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        double[] times = s_times.GetValue(schedule, TimesOf);
        double place = Math.Clamp(u, 0, 1) * (times.Length - 1);
        int before = Math.Min((int)place, times.Length - 2);
        return times[before] + (place - before) * (times[before + 1] - times[before]);
    }

    // From data to noise, without the clean end, which is no level of training.
    private static double[] TimesOf(NoiseSchedule schedule)
        => [.. schedule.DefaultSpacing.Grid(schedule, Steps).Levels.Where(level => level.Sigma > 0).Select(level => schedule.TimeOf(level.LogSnr)).Reverse()];
}
