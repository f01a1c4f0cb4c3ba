namespace Microsoft.ML.Diffusion;

/// <summary>The options of diffusers' schedulers in the library's types.</summary>
internal static partial class SchedulerConfig
{
    private const string Leading = "leading", Linspace = "linspace";

    // What says how a scheduler computes, what others do with it, or what only another option gives a meaning.
    private static readonly string[] WithoutEffect =
    [
        "num_inference_steps", "interpolation_type", "sigma_min", "sigma_max", "rho", "flow_shift", "dynamic_thresholding_ratio", "sample_max_value", "clip_sample_range", "clip_sample",
        "timestep_type", "solver_p", "use_karras_sigmas", "use_exponential_sigmas", "use_lu_lambdas", "use_beta_sigmas", "beta_start", "beta_end", "beta_schedule", "trained_betas", "set_alpha_to_one", "variance_type", "noise_sampler_seed", "base_shift", "max_shift",
        "base_image_seq_len", "max_image_seq_len", "time_shift_type", "steps_offset", "predict_x0", "lambda_min_clipped", "euler_at_final", "lower_order_final", "skip_prk_steps", "final_sigmas_type",
    ];

    private static readonly (string Word, Func<DiffusersOptions, SchedulerSettings> Read)[] Schedulers =
    [
        ("DDPMScheduler", config => Discrete(config, Ddpm(config), Steps(config, Leading), Clip(config, true))),
        ("DDIMScheduler", config => Discrete(config, KnownSolvers.Ddim, Ending(config, true), Clip(config, true))),
        ("PNDMScheduler", config => Discrete(config, new PndmSolver(!config.Flag("skip_prk_steps", false)), Ending(config, false), null)),
        ("EulerDiscreteScheduler", config => Discrete(config, KnownSolvers.Euler, Fractional(config), null)),
        ("EulerAncestralDiscreteScheduler", config => Discrete(config, KnownSolvers.EulerAncestral, Fractional(config), null)),
        ("HeunDiscreteScheduler", config => Discrete(config, KnownSolvers.Heun, Fractional(config), Clip(config, false))),
        ("LMSDiscreteScheduler", config => Discrete(config, KnownSolvers.Lms, Fractional(config), null)),
        ("KDPM2DiscreteScheduler", config => Discrete(config, KnownSolvers.DpmSolver2, Fractional(config), null)),
        ("KDPM2AncestralDiscreteScheduler", config => Discrete(config, KnownSolvers.DpmSolver2Ancestral, Fractional(config), null)),
        ("DPMSolverSDEScheduler", config => Discrete(config, KnownSolvers.DpmSolverPlusPlusSde, Fractional(config), null)),
        ("DPMSolverMultistepScheduler", config => Discrete(config, Multistep(config), Multi(config), null)),
        ("DPMSolverSinglestepScheduler", config => Discrete(config, Singlestep(config), Multi(config), null)),
        ("UniPCMultistepScheduler", config => Discrete(config, UniPc(config), Multi(config), null)),
        ("DEISMultistepScheduler", config => Discrete(config, new DeisSolver(config.Whole("solver_order", 2)) { LowerOrderFinal = Lower(config) }, Multi(config), null)),
        ("EDMEulerScheduler", config => Edm(config, KnownSolvers.Euler)),
        ("EDMDPMSolverMultistepScheduler", config => Edm(config, Multistep(config))),
        ("FlowMatchEulerDiscreteScheduler", config => Flow(config, KnownSolvers.Euler)),
        ("FlowMatchHeunDiscreteScheduler", config => Flow(config, KnownSolvers.Heun)),
    ];

    /// <summary>The settings of a scheduler.</summary>
    /// <param name="config">The options; checked to be all understood.</param>
    /// <exception cref="NotSupportedException">The scheduler, an option or a word has no counterpart; names it and what is known.</exception>
    public static SchedulerSettings Read(DiffusersOptions config)
    {
        var settings = config.Choice("_class_name", "", Schedulers)(config);
        foreach (string option in (string[])["thresholding", "use_flow_sigmas", "stochastic_sampling", "use_dynamic_shifting", "invert_sigmas"])
            if (config.Flag(option, false))
                throw config.Refuse($"the option {option} is not supported");
        config.Ignore(WithoutEffect);
        config.Finish();
        return settings;
    }

    /// <summary>The schedule of β tables.</summary>
    public static DiscreteSchedule Schedule(DiffusersOptions config)
    {
        int steps = config.Whole("num_train_timesteps", 1000);
        double start = config.Number("beta_start", 0.0001), end = config.Number("beta_end", 0.02);
        DiscreteSchedule schedule = config.Has("trained_betas")
            ? new BetaTableSchedule(config.Numbers("trained_betas"))
            : config.Choice<Func<DiscreteSchedule>>("beta_schedule", "linear",
                ("linear", () => new LinearBetaSchedule(steps, start, end)), ("scaled_linear", () => new ScaledLinearBetaSchedule(steps, start, end)),
                ("squaredcos_cap_v2", () => new CosineSchedule(steps)), ("sigmoid", () => new SigmoidBetaSchedule(steps, start, end)))();
        return config.Flag("rescale_betas_zero_snr", false) ? new ZeroTerminalSnrSchedule(schedule) : schedule;
    }

    private static SchedulerSettings Discrete(DiffusersOptions config, ISolver solver, TimeSpacing spacing, double? clip)
    {
        var schedule = Schedule(config);
        var parameterization = config.Choice("prediction_type", "epsilon",
            ("epsilon", KnownParameterizations.Epsilon), ("v_prediction", KnownParameterizations.V), ("sample", KnownParameterizations.X0));
        return new SchedulerSettings(schedule, parameterization, KnownLevelInputs.Timestep(schedule), solver, Ratios(config) ?? spacing, clip);
    }

    private static SchedulerSettings Edm(DiffusersOptions config, ISolver solver)
    {
        config.Choice("prediction_type", "epsilon", ("epsilon", 0));
        double least = config.Number("sigma_min", 0.002), greatest = config.Number("sigma_max", 80);
        TimeSpacing spacing = config.Choice("sigma_schedule", "karras", ("karras", false), ("exponential", true))
            ? new ExponentialSpacing(ratioMin: least, ratioMax: greatest)
            : new KarrasSpacing(config.Number("rho", 7), least, greatest);
        config.Ignore("num_train_timesteps");
        return new SchedulerSettings(KnownSchedules.Edm, new EdmParameterization(config.Number("sigma_data", 0.5)), KnownLevelInputs.LogRatio, solver, spacing, null);
    }

    private static SchedulerSettings Flow(DiffusersOptions config, ISolver solver)
    {
        int steps = config.Whole("num_train_timesteps", 1000);
        double last = 1.0 / steps, shift = config.Number("shift", 1);
        // The scheduler shifts the end of its table when it is made, and all times once more when they are set.
        var spacing = new ShiftedSpacing(shift, shift * last / (1 + (shift - 1) * last));
        return new SchedulerSettings(
            KnownSchedules.RectifiedFlow, KnownParameterizations.Velocity, new ScheduleTimeInput(KnownSchedules.RectifiedFlow, steps), solver, Ratios(config) ?? spacing, null);
    }

    private static DdpmSolver Ddpm(DiffusersOptions config) => new DdpmSolver(config.Choice("variance_type", "fixed_small",
        ("fixed_small", ReverseVariance.Small), ("fixed_small_log", ReverseVariance.Small), ("fixed_large", ReverseVariance.Large), ("fixed_large_log", ReverseVariance.Large),
        ("learned_range", ReverseVariance.Learned)));

    private static double? Clip(DiffusersOptions config, bool missing) => config.Flag("clip_sample", missing) ? config.Number("clip_sample_range", 1) : null;

    private static bool Lower(DiffusersOptions config) => config.Flag("lower_order_final", true);

    private static MultistepDpmSolver Multistep(DiffusersOptions config)
    {
        var (estimate, eta) = Algorithm(config);
        return new MultistepDpmSolver(config.Whole("solver_order", 2), eta)
        {
            Estimate = estimate,
            Slope = Slope(config),
            LowerOrderFinal = Lower(config),
            EulerAtFinal = config.Flag("euler_at_final", false),
        };
    }

    private static StageDpmSolver Singlestep(DiffusersOptions config)
    {
        var (estimate, eta) = Algorithm(config);
        // diffusers turns the option on where it does not work without: with clean data at the end, always.
        return new StageDpmSolver(config.Whole("solver_order", 2), eta) { Estimate = estimate, Slope = Slope(config), LowerOrderFinal = true };
    }

    private static UniPcSolver UniPc(DiffusersOptions config) => new(
        config.Whole("solver_order", 2), config.Choice("solver_type", "bh2", ("bh2", UniPcVariant.Bh2), ("bh1", UniPcVariant.Bh1)))
    {
        Estimate = config.Flag("predict_x0", true) ? SolverEstimate.X0 : SolverEstimate.Epsilon,
        LowerOrderFinal = Lower(config),
        Uncorrected = config.Wholes("disable_corrector"),
    };

    private static (SolverEstimate Estimate, double Eta) Algorithm(DiffusersOptions config) => config.Choice("algorithm_type", "dpmsolver++",
        ("dpmsolver++", (SolverEstimate.X0, 0)), ("dpmsolver", (SolverEstimate.Epsilon, 0)), ("sde-dpmsolver++", (SolverEstimate.X0, 1.0)), ("sde-dpmsolver", (SolverEstimate.Epsilon, 1.0)));

    private static SlopeRule Slope(DiffusersOptions config)
        => config.Choice("solver_type", "midpoint", ("midpoint", SlopeRule.Midpoint), ("heun", SlopeRule.Exact), ("logrho", SlopeRule.Midpoint), ("bh2", SlopeRule.Midpoint));

    // Noise ratios, where an option asks for them.
    private static TimeSpacing? Ratios(DiffusersOptions config)
        => config.Flag("use_karras_sigmas", false) ? new KarrasSpacing()
        : config.Flag("use_exponential_sigmas", false) || config.Flag("use_lu_lambdas", false) ? new ExponentialSpacing()
        : config.Flag("use_beta_sigmas", false) ? new BetaSpacing()
        : null;

    private static TimeSpacing Steps(DiffusersOptions config, string missing) => config.Choice<TimeSpacing>("timestep_spacing", missing,
        (Leading, new LeadingSpacing(config.Whole("steps_offset", 0))), ("trailing", new TrailingSpacing()), (Linspace, new LinspaceSpacing()));

    // Schedulers that work with σ take fractional steps.
    private static TimeSpacing Fractional(DiffusersOptions config) => config.Choice<TimeSpacing>("timestep_spacing", Linspace,
        (Leading, new LeadingSpacing(config.Whole("steps_offset", 0))), ("trailing", new TrailingSpacing()), (Linspace, new FractionalLinspaceSpacing()));

    // Multistep schedulers divide the run by one more than it has steps.
    private static TimeSpacing Multi(DiffusersOptions config)
    {
        var spacing = Steps(config, Linspace);
        spacing = spacing is TrailingSpacing ? spacing : new OpenEndedSpacing(spacing);
        return config.Choice("final_sigmas_type", "zero", ("zero", false), ("sigma_min", true)) ? new NoisyEndSpacing(spacing) : spacing;
    }

    // Without set_alpha_to_one the run ends at the level of step 0 instead of clean data. Where its last step starts there, it goes nowhere: then it ends at clean data here.
    private static TimeSpacing Ending(DiffusersOptions config, bool missing)
    {
        var spacing = Steps(config, Leading);
        return config.Flag("set_alpha_to_one", missing) || spacing is not LeadingSpacing { Offset: > 0 } ? spacing : new NoisyEndSpacing(spacing);
    }
}
