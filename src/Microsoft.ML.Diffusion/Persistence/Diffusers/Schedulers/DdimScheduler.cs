namespace Microsoft.ML.Diffusion;

/// <summary>DDIMScheduler. Clipping leaves ε̂ alone, and each step goes ⌊T/N⌋ timesteps down whatever its spacing.</summary>
internal static class DdimScheduler
{
    private static readonly SchedulerOption[] Options =
    [
        .. SchedulerOptions.Table(), SchedulerOptions.ZeroSnr, SchedulerOptions.Prediction, .. SchedulerOptions.Clip(true), .. SchedulerOptions.Thresholding,
        .. SchedulerOptions.Places("leading"),
        new("set_alpha_to_one", true, "whether the run ends at clean data; else at the level of timestep 0"),
    ];

    public static SchedulerClass Class { get; } = new("DDIMScheduler", Options, Read);

    /// <summary>The same, which can also be stepped over many timesteps at once.</summary>
    public static SchedulerClass Parallel { get; } = new("DDIMParallelScheduler", Options, Read);

    private static SchedulerSettings Read(SchedulerValues values)
    {
        var clip = SchedulerOptions.Clipping(values);
        var limit = SchedulerOptions.Threshold(values) ?? clip;
        var (schedule, predicts, spacing) = (SchedulerOptions.Schedule(values, zeroSnr: true), SchedulerOptions.Predicts(values), Spacing(values));
        SchedulerOptions.CheckStart(values, schedule, predicts, spacing.Places != TimestepPlaces.Leading);
        return SchedulerSettings.Of(schedule, predicts, new DdimSolver { Limit = limit }, spacing);
    }

    /// <summary>The spacing of schedulers that go ⌊T/N⌋ timesteps down.</summary>
    public static SchedulerSpacing Spacing(SchedulerValues values)
    {
        var places = SchedulerOptions.Spacing(values);
        return new SchedulerSpacing { Places = places.Places, Offset = places.Offset, TableLevels = true, EvenStrides = true, End = values.Flag("set_alpha_to_one") ? RunEnd.Clean : RunEnd.FirstStep };
    }
}
