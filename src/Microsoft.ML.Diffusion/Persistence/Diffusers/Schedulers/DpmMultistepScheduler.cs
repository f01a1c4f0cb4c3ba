namespace Microsoft.ML.Diffusion;

/// <summary>DPMSolverMultistepScheduler.</summary>
internal static class DpmMultistepScheduler
{
    public static SchedulerClass Class { get; } = new("DPMSolverMultistepScheduler",
    [
        .. SchedulerOptions.Table(), SchedulerOptions.ZeroSnr, .. DpmSettings.Options(lower: true), .. SchedulerOptions.Places("linspace"),
        new("euler_at_final", false, "whether the last step is of order 1"),
        new("use_lu_lambdas", false, "σ even in ln σ, over the table"),
    ], Read);

    private static SchedulerSettings Read(SchedulerValues values)
    {
        bool lu = values.Flag("use_lu_lambdas");
        bool euler = values.Flag("euler_at_final");
        var places = SchedulerOptions.Spacing(values);
        return DpmSettings.Read(values, SchedulerOptions.Schedule(values, zeroSnr: true), places, lu, (order, eta, estimate, slope, lower, _)
            => new MultistepDpmSolver(order, eta) { Estimate = estimate, Slope = slope, LowerOrderFinal = lower, EulerAtFinal = euler }, roundsCosine: false);
    }
}
