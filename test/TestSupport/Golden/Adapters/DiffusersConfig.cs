using System.Text.Json;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>What the configuration of a diffusers scheduler means in the library's types.</summary>
internal static class DiffusersConfig
{
    private static readonly string[] FractionalSchedulers = ["Euler", "Heun", "LMS", "KDPM2"];

    /// <summary>What schedulers that work with σ put in place of the infinite ratio of pure noise: ᾱ = 2⁻²⁴.</summary>
    public static double LargestRatio { get; } = NoiseLevel.FromAlphaBar(Math.ScaleB(1, -24)).Ratio;

    /// <summary>The schedule; null where the library does not have it.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="missing">The table of schedulers that differ from the others, where the configuration names none.</param>
    /// <param name="missingStart">β of its first step.</param>
    /// <param name="missingEnd">β of its last step.</param>
    public static DiscreteSchedule? Schedule(JsonElement config, string missing = "linear", double missingStart = 0.0001, double missingEnd = 0.02)
    {
        int steps = config.Whole("num_train_timesteps", 1000);
        double start = config.Number("beta_start", missingStart), end = config.Number("beta_end", missingEnd);
        DiscreteSchedule? schedule = config.Text("beta_schedule", missing) switch
        {
            "linear" => new LinearBetaSchedule(steps, start, end),
            "scaled_linear" => new ScaledLinearBetaSchedule(steps, start, end),
            "squaredcos_cap_v2" => new CosineSchedule(steps),
            "sigmoid" => new SigmoidBetaSchedule(steps, start, end),
            _ => null,
        };
        return schedule is not null && config.Flag("rescale_betas_zero_snr") ? new ZeroTerminalSnrSchedule(schedule) : schedule;
    }

    /// <summary>
    /// The spacing of timesteps, as the kind of scheduler understands it: those that work with σ take fractional steps, multistep ones
    /// divide the run by one more than it has steps. Null where the library does not have it.
    /// </summary>
    /// <param name="scheduler">The name of the scheduler.</param>
    /// <param name="config">Its configuration.</param>
    public static TimeSpacing? Spacing(string scheduler, JsonElement config)
    {
        bool multistep = scheduler.Contains("Multistep", StringComparison.Ordinal) || scheduler.Contains("Singlestep", StringComparison.Ordinal);
        bool fractional = FractionalSchedulers.Any(name => scheduler.Contains(name, StringComparison.Ordinal));
        string kind = config.Text("timestep_spacing", multistep || fractional ? "linspace" : "leading");
        TimeSpacing? spacing = kind switch
        {
            "leading" => new LeadingSpacing(config.Whole("steps_offset")),
            "trailing" => new TrailingSpacing(),
            "linspace" => fractional ? new FractionalLinspaceSpacing() : new LinspaceSpacing(),
            _ => null,
        };
        return spacing is not null && multistep && kind != "trailing" ? new OpenEndedSpacing(spacing) : spacing;
    }

    /// <summary>The spacing of flow-matching schedulers; null where the library does not have it.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="mu">The exponent of dynamic shifting.</param>
    public static ShiftedSpacing? FlowSpacing(JsonElement config, double mu)
    {
        if (config.Flag("invert_sigmas") || config.Has("shift_terminal") || RatioSpacing(config) is not null)
            return null;
        double last = 1.0 / config.Whole("num_train_timesteps", 1000), shift = config.Number("shift", 1);
        if (config.Flag("use_dynamic_shifting"))
            return new ShiftedSpacing(config.Text("time_shift_type", "exponential") == "linear" ? mu : Math.Exp(mu), last);
        // The scheduler shifts the end of its table when it is made, and all times once more when they are set.
        return new ShiftedSpacing(shift, shift * last / (1 + (shift - 1) * last));
    }

    /// <summary>The spacing of flow sigmas in diffusion schedulers.</summary>
    public static ShiftedSpacing FlowSigmaSpacing(JsonElement config)
        => new(config.Number("flow_shift", 1), 0, 1 - 1.0 / config.Whole("num_train_timesteps", 1000));

    /// <summary>The spacing of noise ratios that the configuration asks for; null where it asks for none, or for one that the library does not have.</summary>
    public static TimeSpacing? RatioSpacing(JsonElement config)
        => config.Flag("use_karras_sigmas") ? new KarrasSpacing()
        : config.Flag("use_exponential_sigmas") || config.Flag("use_lu_lambdas") ? new ExponentialSpacing()
        : config.Flag("use_beta_sigmas") ? new BetaSpacing()
        : null;

    /// <summary>EDM's spacing (schedulers whose name begins with EDM).</summary>
    public static TimeSpacing EdmSpacing(JsonElement config)
    {
        double min = config.Number("sigma_min", 0.002), max = config.Number("sigma_max", 80);
        return config.Text("sigma_schedule", "karras") == "exponential"
            ? new ExponentialSpacing(ratioMin: min, ratioMax: max)
            : new KarrasSpacing(config.Number("rho", 7), min, max);
    }

    /// <summary>What the network predicts; null where the library does not have it.</summary>
    public static Parameterization? Prediction(GoldenCase @case) => @case.Text("prediction_type") switch
    {
        "epsilon" => KnownParameterizations.Epsilon,
        "v_prediction" => KnownParameterizations.V,
        "sample" => KnownParameterizations.X0,
        _ => null,
    };

    /// <summary>What stands between the network and the sampler; null for nothing.</summary>
    public static Func<IDenoiser, IDenoiser>? Thresholding(JsonElement config)
        => config.Flag("thresholding") ? inner => ThresholdedDenoiser.Dynamic(inner, config.Number("dynamic_thresholding_ratio", 0.995), config.Number("sample_max_value", 1))
        : config.Flag("clip_sample") ? inner => ThresholdedDenoiser.Clip(inner, config.Number("clip_sample_range", 1))
        : null;

    /// <summary>
    /// The levels, of which the last is made cleaner by some units of the last place where it repeats the one before: some schedulers end with a step
    /// of length 0, which leaves the state as it is.
    /// </summary>
    public static NoiseLevel[] Falling(NoiseLevel[] levels)
    {
        const double Nearly = 1 - 4e-15;
        double least = levels[^2].Ratio * Nearly;
        return levels[^1].Ratio > least ? [.. levels[..^1], levels[^2] with { Sigma = levels[^2].Sigma * Nearly }] : levels;
    }

    /// <summary>A grid of levels as they are, joined by straight lines.</summary>
    public static TimeGrid Explicit(IReadOnlyList<NoiseLevel> levels)
        => new(KnownSchedules.Edm, [.. levels.Select((_, i) => 1 - (double)i / (levels.Count - 1))], levels);

    /// <summary>The ratios that a scheduler lists, without the repetitions of two-stage schedulers.</summary>
    public static double[] Distinct(JsonElement sigmas)
    {
        var values = sigmas.Numbers();
        return [.. values.Where((value, i) => i == 0 || value != values[i - 1])];
    }

    public static double[] Ratios(TimeGrid grid) => [.. grid.Levels.Select(level => level.Ratio)];
}
