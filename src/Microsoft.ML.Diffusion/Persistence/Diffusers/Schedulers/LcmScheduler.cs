namespace Microsoft.ML.Diffusion;

/// <summary>LCMScheduler. It ends at the consistency function's own answer, whatever set_alpha_to_one says.</summary>
internal static class LcmScheduler
{
    // σ_data of its boundary scalings.
    private const double DataDeviation = 0.5;

    public static SchedulerClass Class { get; } = new("LCMScheduler",
    [
        .. SchedulerOptions.Table(0.00085, 0.012, "scaled_linear"), SchedulerOptions.ZeroSnr, SchedulerOptions.Prediction, .. SchedulerOptions.Clip(false), .. SchedulerOptions.Thresholding,
        .. SchedulerOptions.Places("leading"),
        new("original_inference_steps", 50, "the number of steps of distillation, of which a run visits some"),
        new("set_alpha_to_one", true, "without effect"),
        new("timestep_scaling", 10.0, "the factor of the timestep in the boundary scalings"),
    ], Read);

    private static SchedulerSettings Read(SchedulerValues values)
    {
        values.WithoutEffect("set_alpha_to_one", "timestep_spacing", "steps_offset");
        var clip = SchedulerOptions.Clipping(values);
        var schedule = SchedulerOptions.Schedule(values, zeroSnr: true);
        var spacing = new LcmSpacing { OriginalSteps = values.Whole("original_inference_steps", 1, schedule.Steps) };
        double scale = values.Positive("timestep_scaling");
        // The reference counts time in steps.
        var solver = new ConsistencySolver(new ConsistencyBoundary(DataDeviation, scale * (schedule.Steps - 1)));
        var predicts = SchedulerOptions.Predicts(values);
        SchedulerOptions.CheckStart(values, schedule, predicts, startsAtEnd: true);
        return SchedulerSettings.Of(schedule, predicts, solver, spacing, SchedulerOptions.Threshold(values) ?? clip);
    }
}
