namespace Microsoft.ML.Diffusion;

/// <summary>EDMDPMSolverMultistepScheduler.</summary>
internal static class EdmDpmScheduler
{
    public static SchedulerClass Class { get; } = new("EDMDPMSolverMultistepScheduler",
    [
        .. EdmSettings.Options, .. SchedulerOptions.Thresholding, SchedulerOptions.Order, .. DpmWords.Options,
        new("lower_order_final", true, "whether orders fall at the end of short runs"),
        new("euler_at_final", false, "whether the last step is of order 1"),
    ], Read);

    private static SchedulerSettings Read(SchedulerValues values)
    {
        var (estimate, eta) = DpmWords.Algorithm(values, epsilon: false);
        int order = values.Whole("solver_order", 1, 3);
        if (eta > 0 && order == 3)
            throw values.Refuse("solver_order", "3 is not supported together with a stochastic algorithm_type");
        var solver = new MultistepDpmSolver(order, eta)
        {
            Estimate = estimate,
            Slope = DpmWords.Slope(values),
            LowerOrderFinal = values.Flag("lower_order_final"),
            EulerAtFinal = values.Flag("euler_at_final"),
        };
        return EdmSettings.Read(values, solver, RunEnd.FirstStep).Within(SchedulerOptions.Threshold(values));
    }
}
