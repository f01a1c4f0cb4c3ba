namespace Microsoft.ML.Diffusion;

/// <summary>EulerDiscreteScheduler.</summary>
internal static class EulerScheduler
{
    public static SchedulerClass Class { get; } = new("EulerDiscreteScheduler",
    [
        .. SchedulerOptions.Table(), SchedulerOptions.ZeroSnr, SchedulerOptions.Prediction, .. SchedulerOptions.Curves, .. SchedulerOptions.Places("linspace"),
        new("interpolation_type", "linear", "σ between timesteps: linear; log_linear only with a curve of σ"),
        new("sigma_min", null, "the smallest σ of a curve"),
        new("sigma_max", null, "the largest σ of a curve"),
        new("timestep_type", "discrete", "what the network is told: discrete (the timestep), continuous (ln σ/4, of networks that predict v)"),
        new("final_sigmas_type", "zero", "where the run ends: zero (clean data), sigma_min"),
    ], Read);

    private static SchedulerSettings Read(SchedulerValues values)
    {
        var places = SchedulerOptions.Spacing(values);
        var curve = SchedulerOptions.Curve(values);
        bool logs = values.Word("interpolation_type", ("linear", false), ("log_linear", true));
        if (logs && curve == SigmaCurve.None)
            throw values.Refuse("interpolation_type", "log_linear ends a run before its end, and is not supported without a curve of σ");
        double? smallest = values.NumberOrNull("sigma_min"), largest = values.NumberOrNull("sigma_max");
        var predicts = SchedulerOptions.Predicts(values);
        bool continuous = values.Word("timestep_type", ("discrete", false), ("continuous", true)) && predicts is VParameterization;
        if (logs && continuous)
            throw values.Refuse("interpolation_type", "log_linear is not supported with timestep_type continuous");
        var spacing = new SchedulerSpacing
        {
            Places = places.Places,
            Offset = places.Offset,
            Fractional = true,
            Curve = curve,
            WholeTable = logs,
            SigmaMin = curve == SigmaCurve.None ? null : smallest,
            SigmaMax = curve == SigmaCurve.None ? null : largest,
            End = SchedulerOptions.End(values),
            Exploding = true,
        };
        var settings = SchedulerSettings.Of(SchedulerOptions.Schedule(values, zeroSnr: true), predicts, KnownSolvers.Euler, spacing);
        return continuous ? settings with { LevelInput = KnownLevelInputs.LogRatio } : settings;
    }
}
