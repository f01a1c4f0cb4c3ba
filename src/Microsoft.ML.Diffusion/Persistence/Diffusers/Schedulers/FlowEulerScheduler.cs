namespace Microsoft.ML.Diffusion;

/// <summary>FlowMatchEulerDiscreteScheduler.</summary>
internal static class FlowEulerScheduler
{
    public static SchedulerClass Class { get; } = new("FlowMatchEulerDiscreteScheduler",
    [
        .. FlowOptions, .. SchedulerOptions.Curves,
        new("use_dynamic_shifting", false, "whether a pipeline gives the shift"),
        new("base_shift", 0.5, "for a pipeline that gives the shift"),
        new("max_shift", 1.15, "for a pipeline that gives the shift"),
        new("base_image_seq_len", 256, "for a pipeline that gives the shift"),
        new("max_image_seq_len", 4096, "for a pipeline that gives the shift"),
        new("time_shift_type", "exponential", "how a pipeline's shift acts: exponential, linear"),
        new("invert_sigmas", false, "whether time runs from data to noise"),
        new("shift_terminal", null, "what the last σ is stretched to"),
        new("stochastic_sampling", false, "whether each step goes to x̂0 and back up with fresh noise"),
    ], Read);

    /// <summary>The options that both schedulers of flow matching have.</summary>
    public static SchedulerOption[] FlowOptions =>
    [
        new("num_train_timesteps", 1000, "T: times are told in so many parts"),
        new("shift", 1.0, "how far times are bent towards noise"),
    ];

    private static SchedulerSettings Read(SchedulerValues values)
    {
        values.WithoutEffect("base_shift", "max_shift", "base_image_seq_len", "max_image_seq_len");
        values.Word("time_shift_type", ("exponential", 0), ("linear", 0));
        if (values.Flag("use_dynamic_shifting"))
            throw values.Refuse("use_dynamic_shifting", "is not supported: the shift is a pipeline's to give");
        if (values.Flag("invert_sigmas"))
            throw values.Refuse("invert_sigmas", "is not supported: sampling goes from noise to data");
        ISolver solver = values.Flag("stochastic_sampling") ? new DdimSolver(double.PositiveInfinity) : KnownSolvers.Euler;
        int steps = SchedulerOptions.Steps(values);
        var curve = SchedulerOptions.Curve(values);
        double? terminal = values.NumberOrNull("shift_terminal");
        if (terminal is not (null or (>= 0 and < 1)))
            throw values.Refuse("shift_terminal", FormattableString.Invariant($"must be in [0, 1), got {terminal}"));
        return MultistepFlow.Settings(steps, new SchedulerFlowSpacing
        {
            Timesteps = steps,
            Shift = values.Positive("shift"),
            Terminal = terminal is 0 ? null : terminal,
            Curve = curve,
            SigmaMin = curve == SigmaCurve.None ? null : values.Hidden("sigma_min"),
            SigmaMax = curve == SigmaCurve.None ? null : values.Hidden("sigma_max"),
        }, solver);
    }
}
