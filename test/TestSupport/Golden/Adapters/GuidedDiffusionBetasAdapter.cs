namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>guided-diffusion's tables and its respacing.</summary>
internal sealed class GuidedDiffusionBetasAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (!@case.Text("source").StartsWith("guided-diffusion", StringComparison.Ordinal))
            return false;
        return @case.Params.Has("section_counts") && @case.Has("timesteps") ? Respace(@case, comparison)
            : @case.Has("betas") && Tables(@case, comparison);
    }

    /// <summary>A schedule by its name; null where the library does not have it.</summary>
    public static DiscreteSchedule? Schedule(string name, int steps)
    {
        // guided-diffusion keeps the sum of β when it changes the number of steps.
        double scale = 1000.0 / steps;
        return name switch
        {
            "linear" => new LinearBetaSchedule(steps, scale * 0.0001, scale * 0.02),
            "cosine" => new CosineSchedule(steps),
            _ => null,
        };
    }

    private static bool Respace(GoldenCase @case, GoldenComparison comparison)
    {
        string sections = @case.Params.Text("section_counts");
        bool ddim = sections.StartsWith("ddim", StringComparison.Ordinal);
        int[] counts = [.. (ddim ? sections[4..] : sections).Split(',').Select(int.Parse)];
        var schedule = new LinearBetaSchedule(@case.Params.Whole("num_timesteps"));
        var grid = (ddim ? KnownSpacings.Strided : new SectionSpacing(counts)).Grid(schedule, counts.Sum());
        comparison.Equal("timesteps", [.. grid.Times.SkipLast(1).Reverse().Select(time => time * (schedule.Steps - 1))], @case["timesteps"].Numbers());
        return true;
    }

    private static bool Tables(GoldenCase @case, GoldenComparison comparison)
    {
        int steps = @case.Params.Whole("num_diffusion_timesteps");
        if (Schedule(@case.Params.Text("schedule"), steps) is not { } schedule)
            return false;
        var tables = new ScheduleTables(schedule);
        var levels = Enumerable.Range(-1, steps + 1).Select(schedule.LevelOf).ToArray();
        int stride = @case.Json.Whole("index_stride", 1);
        void Compare(string field, IReadOnlyList<double> table) => ScheduleTables.Compare(comparison, @case.Json, field, table, stride);
        Compare("betas", schedule.Betas);
        Compare("alphas_cumprod", schedule.AlphaBars);
        Compare("alphas_cumprod_prev", [.. levels.Select(level => level.Alpha * level.Alpha)]);
        Compare("alphas_cumprod_next", [.. schedule.AlphaBars.Skip(1), 0]);
        Compare("sqrt_alphas_cumprod", [.. levels.Skip(1).Select(level => level.Alpha)]);
        Compare("sqrt_one_minus_alphas_cumprod", [.. levels.Skip(1).Select(level => level.Sigma)]);
        Compare("log_one_minus_alphas_cumprod", [.. levels.Skip(1).Select(level => 2 * Math.Log(level.Sigma))]);
        Compare("sqrt_recip_alphas_cumprod", [.. levels.Skip(1).Select(level => 1 / level.Alpha)]);
        Compare("sqrt_recipm1_alphas_cumprod", [.. levels.Skip(1).Select(level => level.Ratio)]);
        Compare("posterior_variance", tables.SmallVariances);
        Compare("posterior_log_variance_clipped", [Math.Log(tables.SmallVariances[1]), .. tables.SmallVariances.Skip(1).Select(variance => Math.Log(variance))]);
        Compare("posterior_mean_coef1", tables.X0Coefficients);
        Compare("posterior_mean_coef2", tables.StateCoefficients);
        return true;
    }
}
