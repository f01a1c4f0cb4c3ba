namespace Microsoft.ML.Diffusion;

/// <summary>PNDMScheduler. Each step goes ⌊T/N⌋ timesteps down whatever its spacing.</summary>
internal static class PndmScheduler
{
    public static SchedulerClass Class { get; } = new("PNDMScheduler",
    [
        .. SchedulerOptions.Table(), SchedulerOptions.Prediction, .. SchedulerOptions.Places("leading"),
        new("skip_prk_steps", false, "whether the run starts as PLMS does, not with Runge–Kutta steps"),
        new("set_alpha_to_one", false, "whether the run ends at clean data; else at the level of timestep 0"),
    ], Read);

    private static SchedulerSettings Read(SchedulerValues values)
    {
        var predicts = SchedulerOptions.Predicts(values, sample: false);
        bool rungeKutta = !values.Flag("skip_prk_steps");
        var spacing = DdimScheduler.Spacing(values);
        if (rungeKutta && spacing.Places != TimestepPlaces.Leading)
            throw values.Refuse("timestep_spacing", "other than leading is not supported together with skip_prk_steps false, whose stages then lie beside the steps");
        return SchedulerSettings.Of(SchedulerOptions.Schedule(values), predicts, new PndmSolver(rungeKutta) { OfVelocity = predicts is VParameterization }, spacing);
    }
}
