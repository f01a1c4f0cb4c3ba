namespace Microsoft.ML.Diffusion;

/// <summary>HeunDiscreteScheduler.</summary>
internal static class HeunScheduler
{
    public static SchedulerClass Class { get; } = new("HeunDiscreteScheduler",
    [
        .. SchedulerOptions.Table(0.00085, 0.012), SchedulerOptions.Prediction, .. SchedulerOptions.Curves, .. SchedulerOptions.Clip(false), .. SchedulerOptions.Places("linspace"),
    ], values => SigmaSettings.Read(values, KnownSolvers.Heun, sample: true, karrasRange: true).Within(SchedulerOptions.Clipping(values)));
}
