namespace Microsoft.ML.Diffusion;

/// <summary>DEISMultistepScheduler. It ends at the level of timestep 0, or idles at the last σ of a curve; it has no final_sigmas_type.</summary>
internal static class DeisScheduler
{
    public static SchedulerClass Class { get; } = new("DEISMultistepScheduler",
    [
        .. SchedulerOptions.Table(), SchedulerOptions.Prediction, .. SchedulerOptions.Thresholding, .. SchedulerOptions.Curves, .. SchedulerOptions.Flow, SchedulerOptions.Order,
        .. SchedulerOptions.Places("linspace"),
        new("lower_order_final", true, "whether orders fall at the end of short runs"),
        new("algorithm_type", "deis", "deis, as which dpmsolver and dpmsolver++ are taken"),
        new("solver_type", "logrho", "logrho, as which midpoint, heun, bh1 and bh2 are taken"),
    ], Read);

    private static SchedulerSettings Read(SchedulerValues values)
    {
        var schedule = SchedulerOptions.Schedule(values);
        var places = SchedulerOptions.Spacing(values);
        var curve = SchedulerOptions.Curve(values);
        var limit = SchedulerOptions.Threshold(values);
        values.Word("algorithm_type", ("deis", 0), ("dpmsolver", 0), ("dpmsolver++", 0));
        values.Word("solver_type", ("logrho", 0), ("midpoint", 0), ("heun", 0), ("bh1", 0), ("bh2", 0));
        var solver = new DeisSolver(values.Whole("solver_order", 1, 3)) { LowerOrderFinal = values.Flag("lower_order_final") };
        if (MultistepFlow.Read(values, curve, FlowSpan.ToData, null, null, solver) is { } flow)
            return flow.Within(limit);
        var spacing = MultistepSpacing.Of(values, places, curve, curve == SigmaCurve.Karras, curve == SigmaCurve.None ? RunEnd.FirstStep : RunEnd.Idle);
        return SchedulerSettings.Of(schedule, SchedulerOptions.Predicts(values), solver, spacing, limit);
    }
}
