namespace Microsoft.ML.Diffusion;

/// <summary>What EDMEulerScheduler and EDMDPMSolverMultistepScheduler have in common.</summary>
internal static class EdmSettings
{
    public static SchedulerOption[] Options { get; } =
    [
        new("sigma_min", 0.002, "the smallest σ"),
        new("sigma_max", 80.0, "the largest σ"),
        new("sigma_data", 0.5, "the standard deviation of the data"),
        new("sigma_schedule", "karras", "the curve of σ: karras, exponential"),
        new("rho", 7.0, "ρ of Karras' curve"),
        new("num_train_timesteps", 1000, "without effect on a run"),
        new("prediction_type", "epsilon", "what the network answers with: epsilon (EDM's own)"),
        new("final_sigmas_type", "zero", "where the run ends: zero (clean data), sigma_min"),
    ];

    /// <summary>The settings.</summary>
    /// <param name="values">The options.</param>
    /// <param name="solver">The solver.</param>
    /// <param name="least">What final_sigmas_type sigma_min means.</param>
    public static SchedulerSettings Read(SchedulerValues values, ISolver solver, RunEnd least)
    {
        values.WithoutEffect("num_train_timesteps");
        values.Word("prediction_type", ("epsilon", 0));
        double data = values.Positive("sigma_data");
        var spacing = new EdmSpacing
        {
            SigmaMin = values.Positive("sigma_min"),
            SigmaMax = values.Positive("sigma_max"),
            Rho = values.Positive("rho"),
            Exponential = values.Word("sigma_schedule", ("karras", false), ("exponential", true)),
            End = SchedulerOptions.End(values) == RunEnd.Clean ? RunEnd.Clean : least,
        };
        if (!(spacing.SigmaMin < spacing.SigmaMax))
            throw values.Refuse("sigma_min", FormattableString.Invariant($"must be below sigma_max, got {spacing.SigmaMin} and {spacing.SigmaMax}"));
        return new SchedulerSettings(KnownSchedules.Edm, new EdmParameterization(data), KnownLevelInputs.LogRatio, solver, spacing, null);
    }
}
