namespace Microsoft.ML.Diffusion;

/// <summary>UniPCMultistepScheduler.</summary>
internal static class UniPcScheduler
{
    public static SchedulerClass Class { get; } = new("UniPCMultistepScheduler",
    [
        .. SchedulerOptions.Table(), SchedulerOptions.ZeroSnr, SchedulerOptions.Prediction, .. SchedulerOptions.Thresholding, .. SchedulerOptions.Curves, .. SchedulerOptions.Flow,
        SchedulerOptions.Order, .. SchedulerOptions.Final(true), .. SchedulerOptions.Places("linspace"),
        new("predict_x0", true, "whether x̂0 is interpolated, else ε̂"),
        new("solver_type", "bh2", "B(h): bh1, bh2"),
        new("disable_corrector", null, "the steps that are not corrected"),
        new("solver_p", null, "another scheduler as predictor"),
        new("sigma_min", null, "the smallest σ of a curve"),
        new("sigma_max", null, "the largest σ of a curve"),
        new("shift_terminal", null, "what the last σ of a flow is stretched to"),
    ], Read);

    private static SchedulerSettings Read(SchedulerValues values)
    {
        var schedule = SchedulerOptions.Schedule(values, zeroSnr: true);
        var places = SchedulerOptions.Spacing(values);
        var curve = SchedulerOptions.Curve(values);
        var end = SchedulerOptions.End(values);
        var limit = SchedulerOptions.Threshold(values);
        double? terminal = values.NumberOrNull("shift_terminal");
        values.WithoutEffect("sigma_min", "sigma_max");
        bool clean = values.Flag("predict_x0");
        if (!clean && limit is not null)
            // There the reference does not limit anything.
            limit = null;
        int order = values.Whole("solver_order", 1, 3);
        var variant = values.Word("solver_type", ("bh2", UniPcVariant.Bh2), ("bh1", UniPcVariant.Bh1), ("midpoint", UniPcVariant.Bh2), ("heun", UniPcVariant.Bh2), ("logrho", UniPcVariant.Bh2));
        var uncorrected = values.Places("disable_corrector");
        var solver = values.Of("disable_corrector", () => new UniPcSolver(order, variant)
        {
            Estimate = clean ? SolverEstimate.X0 : SolverEstimate.Epsilon,
            LowerOrderFinal = values.Flag("lower_order_final"),
            Uncorrected = [.. uncorrected.Where(step => step >= 0)],
        });
        if (MultistepFlow.Read(values, curve, FlowSpan.FromNoise, end == RunEnd.Clean ? 0 : null, terminal is 0 ? null : terminal, solver) is { } flow)
            return clean ? flow.Within(limit) : throw values.Refuse("predict_x0", "must be true with use_flow_sigmas");
        if (terminal is not null)
            throw values.Refuse("shift_terminal", "is one of flows: use_flow_sigmas must be true");
        // The last σ of a curve comes twice.
        var spacing = MultistepSpacing.Of(values, places, curve, curve == SigmaCurve.Karras, end == RunEnd.FirstStep && curve != SigmaCurve.None ? RunEnd.Idle : end);
        return SchedulerSettings.Of(schedule, SchedulerOptions.Predicts(values), solver, spacing, limit);
    }
}
