namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>openai/consistency_models' multistep sampler, with the exact denoiser for a consistency function.</summary>
internal sealed class ConsistencyAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (!@case.Text("source").EndsWith("stochastic_iterative_sampler", StringComparison.Ordinal))
            return false;
        var settings = @case.Params;
        double min = settings.Number("t_min", 0.002), max = settings.Number("t_max", 80);
        var ratios = DiffusersConfig.Ratios(new KarrasSpacing(settings.Number("rho", 7), min, max).Grid(KnownSchedules.Edm, settings.Whole("steps", 40)));
        var plan = new ConsistencySolver(ratioMin: min).Plan(TimeGrid.FromRatios([.. settings.GetProperty("ts").Numbers().Select(step => ratios[(int)step])]));
        using var start = @case["x_init"].ToTensor();
        using var sample = PlanRunner.Run(plan, file.Mixture(), start, Conditioning.None, new RecordedNoise(plan, draw => @case["noises"][draw], evaluations => evaluations - 1));
        comparison.Equal("sample", sample, @case["x_final"]);
        return true;
    }
}
