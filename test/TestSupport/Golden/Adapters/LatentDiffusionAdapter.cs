namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Latent diffusion's β tables, and the steps, levels and noise of its DDIM sampler.</summary>
internal sealed class LatentDiffusionAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
        => @case.Text("source") switch
        {
            "latent-diffusion make_beta_schedule" => Betas(@case, comparison),
            var source when source.Contains("make_ddim_timesteps", StringComparison.Ordinal) => Ddim(@case, comparison),
            _ => false,
        };

    private static bool Betas(GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        int steps = settings.Whole("n");
        double start = settings.Number("linear_start", 1e-4), end = settings.Number("linear_end", 2e-2);
        DiscreteSchedule? schedule = settings.Text("schedule") switch
        {
            "linear" => new ScaledLinearBetaSchedule(steps, start, end),
            "cosine" => new CosineSchedule(steps, settings.Number("cosine_s", 8e-3)),
            "sqrt_linear" => new LinearBetaSchedule(steps, start, end),
            "sqrt" => new SqrtBetaSchedule(steps, start, end),
            _ => null,
        };
        if (schedule is null)
            return false;
        comparison.Equal("betas", schedule.Betas, @case["betas"].Numbers());
        return true;
    }

    private static bool Ddim(GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        int total = settings.Whole("num_ddpm", 1000), stride = total / settings.Whole("num_ddim");
        var schedule = new ScaledLinearBetaSchedule(total, settings.Number("linear_start", 1e-4), settings.Number("linear_end", 2e-2));
        TimeSpacing? spacing = settings.Text("method") switch
        {
            "uniform" => new StridedSpacing(stride, offset: 1),
            "quad" => new QuadraticSpacing(offset: 1),
            _ => null,
        };
        if (spacing is null)
            return false;
        // Whole strides may fit in more often than wanted. The reference ends at step 0, and lists all from there on; where it repeats a step,
        // nothing happens.
        var timesteps = @case["timesteps"].Numbers();
        double[] Listed(string field) => [.. @case[field].Numbers().Where((_, i) => i == 0 || timesteps[i] != timesteps[i - 1])];
        var grid = new NoisyEndSpacing(spacing).Grid(schedule, timesteps.Length);
        var levels = grid.Levels.Reverse().ToArray();
        comparison.Equal("timesteps", [.. grid.Times.Reverse().Skip(1).Select(time => time * (total - 1))], Listed("timesteps"));
        comparison.Equal("alphas", [.. levels.Skip(1).Select(level => level.Alpha * level.Alpha)], Listed("alphas"));
        comparison.Equal("alphas_prev", [.. levels.SkipLast(1).Select(level => level.Alpha * level.Alpha)], Listed("alphas_prev"));
        var plan = new DdimSolver(settings.Number("eta", 0)).Plan(grid);
        var draws = plan.Instructions.OfType<Combine>().SelectMany(combine => combine.Terms).Where(term => term.Source.Kind == RegisterKind.Noise);
        double[] sigmas = [.. draws.OrderByDescending(term => term.Source.Index).Select(term => term.Coefficient)];
        comparison.Equal("sigmas", sigmas.Length == 0 ? new double[grid.Steps] : sigmas, Listed("sigmas"));
        return true;
    }
}
