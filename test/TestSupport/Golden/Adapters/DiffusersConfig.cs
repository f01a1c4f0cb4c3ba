using System.Text.Json;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>What the configuration of a diffusers scheduler means in the library's types.</summary>
internal static class DiffusersConfig
{
    /// <summary>The schedule; null where the library does not have it.</summary>
    public static DiscreteSchedule? Schedule(JsonElement config)
    {
        int steps = config.Whole("num_train_timesteps", 1000);
        // The defaults of diffusers' own signatures.
        double start = config.Number("beta_start", 0.0001), end = config.Number("beta_end", 0.02);
        if (config.Flag("rescale_betas_zero_snr"))
            return null;
        return config.Text("beta_schedule", "linear") switch
        {
            "linear" => new LinearBetaSchedule(steps, start, end),
            "scaled_linear" => new ScaledLinearBetaSchedule(steps, start, end),
            "squaredcos_cap_v2" => new CosineSchedule(steps),
            _ => null,
        };
    }

    /// <summary>The spacing of whole steps; null where the library does not have it.</summary>
    public static TimeSpacing? Spacing(JsonElement config, string missing)
    {
        int offset = config.Whole("steps_offset");
        return config.Text("timestep_spacing", missing) switch
        {
            "leading" => new LeadingSpacing(offset),
            "trailing" => new TrailingSpacing(),
            "linspace" => new LinspaceSpacing(),
            _ => null,
        };
    }

    /// <summary>The spacing of noise ratios that the configuration asks for; null where it asks for none, or for one that the library does not have.</summary>
    public static TimeSpacing? RatioSpacing(JsonElement config)
        => config.Flag("use_karras_sigmas") ? new KarrasSpacing()
        : config.Flag("use_exponential_sigmas") || config.Flag("use_lu_lambdas") ? new ExponentialSpacing()
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
