namespace Microsoft.ML.Diffusion;

/// <summary>DPMSolverSDEScheduler.</summary>
internal static class DpmSdeScheduler
{
    public static SchedulerClass Class { get; } = new("DPMSolverSDEScheduler",
    [
        .. SchedulerOptions.Table(0.00085, 0.012), SchedulerOptions.Prediction, .. SchedulerOptions.Curves, .. SchedulerOptions.Places("linspace"),
        new("noise_sampler_seed", null, "the seed of its noise, which rows have here"),
    ], values =>
    {
        values.WithoutEffect("noise_sampler_seed");
        return SigmaSettings.Read(values, KnownSolvers.DpmSolverPlusPlusSde, sample: false, karrasRange: false);
    });
}
