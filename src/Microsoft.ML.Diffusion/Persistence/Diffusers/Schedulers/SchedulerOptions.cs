namespace Microsoft.ML.Diffusion;

/// <summary>Options that several scheduler classes of diffusers have.</summary>
internal static class SchedulerOptions
{
    // More steps than any model was trained with, and tables of a megabyte.
    private const int MostSteps = 10000;

    public static SchedulerOption[] Table(double start = 0.0001, double end = 0.02, string word = "linear") =>
    [
        new("num_train_timesteps", 1000, "T, the number of steps of training"),
        new("beta_start", start, "β of the first step"),
        new("beta_end", end, "β of the last step"),
        new("beta_schedule", word, "how β rises: linear, scaled_linear (its root), squaredcos_cap_v2 (cosine)"),
        new("trained_betas", null, "β of each step, instead"),
    ];

    public static SchedulerOption ZeroSnr { get; } = new("rescale_betas_zero_snr", false, "whether training ends at pure noise");

    public static SchedulerOption Prediction { get; } = new("prediction_type", "epsilon", "what the network predicts: epsilon, v_prediction, sample");

    public static SchedulerOption[] Places(string word) =>
    [
        new("timestep_spacing", word, "which timesteps are visited: leading, trailing, linspace"),
        new("steps_offset", 0, "added to leading timesteps"),
    ];

    public static SchedulerOption[] Clip(bool missing) =>
    [
        new("clip_sample", missing, "whether x̂0 is clipped"),
        new("clip_sample_range", 1.0, "to what"),
    ];

    public static SchedulerOption[] Thresholding { get; } =
    [
        new("thresholding", false, "whether x̂0 is kept within a quantile of its row"),
        new("dynamic_thresholding_ratio", 0.995, "which quantile"),
        new("sample_max_value", 1.0, "its largest value"),
    ];

    public static SchedulerOption[] Curves { get; } =
    [
        new("use_karras_sigmas", false, "σ even in σ^(1/7)"),
        new("use_exponential_sigmas", false, "σ even in ln σ"),
        new("use_beta_sigmas", false, "σ at quantiles of a Beta distribution"),
    ];

    public static SchedulerOption[] Flow { get; } =
    [
        new("use_flow_sigmas", false, "whether the model is a flow"),
        new("flow_shift", 1.0, "how far its times are bent towards noise"),
        new("use_dynamic_shifting", false, "whether a pipeline gives the shift"),
        new("time_shift_type", "exponential", "how"),
    ];

    public static SchedulerOption Order { get; } = new("solver_order", 2, "the order, 1 to 3");

    public static SchedulerOption[] Final(bool lower) =>
    [
        new("lower_order_final", lower, "whether orders fall at the end of short runs"),
        new("final_sigmas_type", "zero", "where the run ends: zero (clean data), sigma_min"),
    ];

    /// <summary>T.</summary>
    public static int Steps(SchedulerValues values) => values.Whole("num_train_timesteps", 2, MostSteps);

    /// <summary>The schedule of a table of β.</summary>
    /// <param name="values">The options.</param>
    /// <param name="sigmoid">Whether the class knows beta_schedule sigmoid.</param>
    /// <param name="zeroSnr">Whether it knows rescale_betas_zero_snr.</param>
    public static DiscreteSchedule Schedule(SchedulerValues values, bool sigmoid = false, bool zeroSnr = false)
    {
        int steps = Steps(values);
        double start = values.Number("beta_start"), end = values.Number("beta_end");
        IReadOnlyList<(string, Func<DiscreteSchedule>)> known =
        [
            ("linear", () => new LinearBetaSchedule(steps, start, end)), ("scaled_linear", () => new ScaledLinearBetaSchedule(steps, start, end)),
            ("squaredcos_cap_v2", () => new CosineSchedule(steps)),
        ];
        var make = values.Word("beta_schedule", sigmoid ? [.. known, ("sigmoid", () => new SigmoidBetaSchedule(steps, start, end))] : known);
        var betas = values.Numbers("trained_betas");
        if (betas is not null && betas.Count != steps)
            throw values.Refuse("trained_betas", $"has {betas.Count} values, but num_train_timesteps is {steps}");
        var schedule = betas is null ? values.Of("beta_start, beta_end", make) : values.Of("trained_betas", () => new BetaTableSchedule(betas));
        return zeroSnr && values.Flag("rescale_betas_zero_snr") ? values.Of("rescale_betas_zero_snr", () => new ZeroTerminalSnrSchedule(schedule)) : schedule;
    }

    /// <summary>What the network predicts.</summary>
    public static Parameterization Predicts(SchedulerValues values, bool sample = true)
    {
        IReadOnlyList<(string, Parameterization)> known = [("epsilon", KnownParameterizations.Epsilon), ("v_prediction", KnownParameterizations.V)];
        return values.Word("prediction_type", sample ? [.. known, ("sample", KnownParameterizations.X0)] : known);
    }

    /// <summary>Refuses runs of a network that predicts ε from pure noise, where ε says nothing of the data.</summary>
    public static void CheckStart(SchedulerValues values, DiscreteSchedule schedule, Parameterization predicts, bool startsAtEnd)
    {
        if (startsAtEnd && schedule is ZeroTerminalSnrSchedule && predicts is EpsilonParameterization)
            throw values.Refuse("rescale_betas_zero_snr", "starts the run at pure noise, where a network that predicts epsilon (prediction_type) says nothing of the data");
    }

    /// <summary>timestep_spacing and steps_offset.</summary>
    public static SchedulerSpacing Spacing(SchedulerValues values)
    {
        int offset = values.Whole("steps_offset", 0, Steps(values) - 1);
        var places = values.Word("timestep_spacing", ("leading", TimestepPlaces.Leading), ("trailing", TimestepPlaces.Trailing), ("linspace", TimestepPlaces.Linspace));
        return new SchedulerSpacing { Places = places, Offset = places == TimestepPlaces.Leading ? offset : 0 };
    }

    /// <summary>use_karras_sigmas and its kin, of which one at most.</summary>
    public static SigmaCurve Curve(SchedulerValues values)
    {
        bool karras = values.Flag("use_karras_sigmas"), exponential = values.Flag("use_exponential_sigmas"), beta = values.Flag("use_beta_sigmas");
        if ((karras && exponential) || (karras && beta) || (exponential && beta))
            throw values.Refuse("use_karras_sigmas, use_exponential_sigmas and use_beta_sigmas", "exclude each other");
        return karras ? SigmaCurve.Karras : exponential ? SigmaCurve.Exponential : beta ? SigmaCurve.Beta : SigmaCurve.None;
    }

    /// <summary>clip_sample.</summary>
    public static EstimateLimit? Clipping(SchedulerValues values)
    {
        double range = values.Number("clip_sample_range");
        return values.Flag("clip_sample") ? values.Of("clip_sample_range", () => new EstimateLimit(range)) : null;
    }

    /// <summary>thresholding.</summary>
    public static EstimateLimit? Threshold(SchedulerValues values)
    {
        double quantile = values.Number("dynamic_thresholding_ratio"), largest = values.Number("sample_max_value");
        return values.Flag("thresholding") ? values.Of("dynamic_thresholding_ratio, sample_max_value", () => new EstimateLimit(largest, quantile)) : null;
    }

    /// <summary>final_sigmas_type.</summary>
    public static RunEnd End(SchedulerValues values) => values.Word("final_sigmas_type", ("zero", RunEnd.Clean), ("sigma_min", RunEnd.FirstStep));
}
