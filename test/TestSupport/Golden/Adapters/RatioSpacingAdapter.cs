namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Noise ratios of k-diffusion's get_sigmas functions, of diffusers' use_…_sigmas options, and of its EDM schedulers.</summary>
internal sealed class RatioSpacingAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        string source = @case.Text("source");
        if (!@case.Has("sigmas") || @case.Has("x_final"))
            return false;
        var settings = @case.Params;
        if (source.StartsWith("k-diffusion get_sigmas_", StringComparison.Ordinal))
        {
            double min = settings.Number("sigma_min", 0), max = settings.Number("sigma_max", 0), rho = settings.Number("rho", 1), betaMin = settings.Number("beta_min", 0.1);
            (TimeSpacing? spacing, NoiseSchedule schedule) = source["k-diffusion get_sigmas_".Length..] switch
            {
                "karras" => ((TimeSpacing)new KarrasSpacing(rho, min, max), KnownSchedules.Edm),
                "exponential" or "polyexponential" => (new ExponentialSpacing(rho, min, max), KnownSchedules.Edm),
                "vp" => (new ShiftedSpacing(timeMin: settings.Number("eps_s", 1e-3)), new VpSchedule(betaMin, betaMin + settings.Number("beta_d", 19.9))),
                _ => ((TimeSpacing?)null, KnownSchedules.Edm),
            };
            if (spacing is null)
                return false;
            comparison.Equal("sigmas", DiffusersConfig.Ratios(spacing.Grid(schedule, settings.Whole("n"))), @case["sigmas"].Numbers());
            return true;
        }
        int steps = settings.Whole("num_inference_steps");
        if (source.StartsWith("diffusers EDM", StringComparison.Ordinal))
        {
            var grid = DiffusersConfig.EdmSpacing(settings).Grid(KnownSchedules.Edm, steps);
            comparison.Equal("sigmas", DiffusersConfig.Ratios(grid), @case["sigmas"].Numbers());
            // What EDM's networks are told: ln(σ)/4.
            comparison.Equal("timesteps", [.. grid.Levels.SkipLast(1).Select(level => -level.Lambda / 4)], @case["timesteps"].Numbers());
            return true;
        }
        if (!source.StartsWith("diffusers", StringComparison.Ordinal)
            || DiffusersConfig.Schedule(settings) is not { } discrete
            || DiffusersConfig.RatioSpacing(settings) is not { } ratios)
            return false;
        var points = ratios.Grid(discrete, steps);
        comparison.Equal("sigmas", DiffusersConfig.Ratios(points), @case["sigmas"].Numbers());
        // diffusers' times between steps; its multistep solver rounds them, or cuts them off with exponential and Beta sigmas.
        var times = points.Levels.SkipLast(1).Select(level => discrete.TimeOf(level.LogSnr) * (discrete.Steps - 1));
        Func<double, double> whole = !source.Contains("Multistep", StringComparison.Ordinal) ? time => time
            : settings.Flag("use_exponential_sigmas") || settings.Flag("use_beta_sigmas") ? Math.Floor
            : Math.Round;
        comparison.Equal("timesteps", [.. times.Select(whole)], @case["timesteps"].Numbers());
        return true;
    }
}
