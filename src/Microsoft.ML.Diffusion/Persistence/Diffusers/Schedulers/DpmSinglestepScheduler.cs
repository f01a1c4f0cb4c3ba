namespace Microsoft.ML.Diffusion;

/// <summary>DPMSolverSinglestepScheduler. Its timesteps are those of linspace.</summary>
internal static class DpmSinglestepScheduler
{
    public static SchedulerClass Class { get; } = new("DPMSolverSinglestepScheduler", [.. SchedulerOptions.Table(), .. DpmSettings.Options(lower: false)], Read);

    // It turns lower_order_final on where it ends at clean data.
    private static SchedulerSettings Read(SchedulerValues values) => DpmSettings.Read(
        values, SchedulerOptions.Schedule(values), new SchedulerSpacing { Places = TimestepPlaces.Linspace }, lu: false,
        (order, eta, estimate, slope, lower, end) => new StageDpmSolver(order, eta) { Estimate = estimate, Slope = slope, LowerOrderFinal = lower || end == RunEnd.Clean });
}
