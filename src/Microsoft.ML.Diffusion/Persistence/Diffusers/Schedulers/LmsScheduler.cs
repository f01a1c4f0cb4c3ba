namespace Microsoft.ML.Diffusion;

/// <summary>LMSDiscreteScheduler.</summary>
internal static class LmsScheduler
{
    public static SchedulerClass Class { get; } = new("LMSDiscreteScheduler",
        [.. SchedulerOptions.Table(), SchedulerOptions.Prediction, .. SchedulerOptions.Curves, .. SchedulerOptions.Places("linspace")],
        values => SigmaSettings.Read(values, KnownSolvers.Lms, sample: true, karrasRange: false));
}
