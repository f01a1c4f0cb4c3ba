namespace Microsoft.ML.Diffusion;

/// <summary>KDPM2DiscreteScheduler and KDPM2AncestralDiscreteScheduler.</summary>
internal static class Kdpm2Scheduler
{
    private static readonly SchedulerOption[] Options =
        [.. SchedulerOptions.Table(0.00085, 0.012), SchedulerOptions.Prediction, .. SchedulerOptions.Curves, .. SchedulerOptions.Places("linspace")];

    public static SchedulerClass Class { get; } = new("KDPM2DiscreteScheduler", Options, values => Read(values, KnownSolvers.DpmSolver2));

    public static SchedulerClass Ancestral { get; } = new("KDPM2AncestralDiscreteScheduler", Options, values => Read(values, KnownSolvers.DpmSolver2Ancestral));

    private static SchedulerSettings Read(SchedulerValues values, ISolver solver)
        => SigmaSettings.Read(values, solver, sample: false, karrasRange: true, TimestepRounding.Nearest);
}
