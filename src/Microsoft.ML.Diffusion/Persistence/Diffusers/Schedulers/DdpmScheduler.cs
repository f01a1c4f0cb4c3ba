namespace Microsoft.ML.Diffusion;

/// <summary>DDPMScheduler.</summary>
internal static class DdpmScheduler
{
    private static readonly SchedulerOption[] Options =
    [
        .. SchedulerOptions.Table(), SchedulerOptions.ZeroSnr, SchedulerOptions.Prediction, .. SchedulerOptions.Clip(true), .. SchedulerOptions.Thresholding,
        .. SchedulerOptions.Places("leading"),
        new("variance_type", "fixed_small", "the variance of a step: fixed_small, fixed_small_log, fixed_large, learned_range"),
    ];

    public static SchedulerClass Class { get; } = new("DDPMScheduler", Options, Read);

    /// <summary>The same, which can also be stepped over many timesteps at once.</summary>
    public static SchedulerClass Parallel { get; } = new("DDPMParallelScheduler", Options, Read);

    private static SchedulerSettings Read(SchedulerValues values)
    {
        var variance = values.Word("variance_type", ("fixed_small", ReverseVariance.Small), ("fixed_small_log", ReverseVariance.Small), ("fixed_large", ReverseVariance.Large), ("learned_range", ReverseVariance.Learned));
        var clip = SchedulerOptions.Clipping(values);
        var places = SchedulerOptions.Spacing(values);
        if (variance != ReverseVariance.Small && (places.Places == TimestepPlaces.Trailing || places.Offset > 0))
            throw values.Refuse("variance_type", "adds noise to the sample itself where the last step does not start at timestep 0 (timestep_spacing trailing, steps_offset), which is not supported");
        // Levels straight from the table, down to clean data.
        TimeSpacing spacing = places.Places switch
        {
            TimestepPlaces.Leading => new LeadingSpacing(places.Offset),
            TimestepPlaces.Trailing => new TrailingSpacing(),
            _ => new SchedulerSpacing { Places = TimestepPlaces.Linspace, TableLevels = true },
        };
        var (schedule, predicts) = (SchedulerOptions.Schedule(values, sigmoid: true, zeroSnr: true), SchedulerOptions.Predicts(values));
        SchedulerOptions.CheckStart(values, schedule, predicts, places.Places != TimestepPlaces.Leading);
        return SchedulerSettings.Of(schedule, predicts, new DdpmSolver(variance), spacing, SchedulerOptions.Threshold(values) ?? clip);
    }
}
