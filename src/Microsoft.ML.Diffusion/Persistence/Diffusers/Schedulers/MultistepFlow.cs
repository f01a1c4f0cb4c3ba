namespace Microsoft.ML.Diffusion;

/// <summary>use_flow_sigmas of DPM-Solver, UniPC and DEIS: the network is one of a flow.</summary>
internal static class MultistepFlow
{
    private const string Flow = "use_flow_sigmas";

    /// <summary>The settings; null where the model is none of a flow.</summary>
    /// <param name="values">The options.</param>
    /// <param name="curve">The curve of σ.</param>
    /// <param name="span">Between which σ the even times lie.</param>
    /// <param name="end">The σ at which the run ends; the last step idles where null.</param>
    /// <param name="terminal">shift_terminal.</param>
    /// <param name="solver">The solver.</param>
    public static SchedulerSettings? Read(SchedulerValues values, SigmaCurve curve, FlowSpan span, double? end, double? terminal, ISolver solver)
    {
        int steps = SchedulerOptions.Steps(values);
        double shift = values.Positive("flow_shift");
        values.Word("time_shift_type", ("exponential", 0));
        if (values.Flag("use_dynamic_shifting"))
            throw values.Refuse("use_dynamic_shifting", "is not supported: the shift is a pipeline's to give");
        if (!values.Flag(Flow))
            return null;
        if (curve != SigmaCurve.None)
            throw values.Refuse(Flow, "is not supported together with a curve of σ (use_karras_sigmas and its kin)");
        // Networks of tables are asked about states of unit variance, which those of a flow are not.
        if (values.WordOrNull("prediction_type") is not "flow_prediction")
            throw values.Refuse("prediction_type", $"must be flow_prediction with {Flow}");
        var spacing = new SchedulerFlowSpacing { Timesteps = steps, Shift = shift, Span = span, End = end, Terminal = terminal };
        return Settings(steps, spacing, solver);
    }

    /// <summary>Settings of a flow that is told its times in T parts.</summary>
    public static SchedulerSettings Settings(int steps, TimeSpacing spacing, ISolver solver)
        => new(KnownSchedules.RectifiedFlow, KnownParameterizations.Velocity, new ScheduleTimeInput(KnownSchedules.RectifiedFlow, steps), solver, spacing, null);
}
