namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>EDM's sampler (Algorithm 2), and EDM2's where it does not guide.</summary>
internal sealed class EdmSamplerAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        bool second = @case.Text("function") == "edm2 generate_images.edm_sampler";
        if ((@case.Text("function") != "edm_sampler" && !second) || settings.Number("guidance", 1) != 1)
            return false;
        int steps = settings.Whole("num_steps", 18);
        var spacing = new KarrasSpacing(settings.Number("rho", 7), settings.Number("sigma_min", 0.002), settings.Number("sigma_max", 80));
        var grid = spacing.Grid(KnownSchedules.Edm, steps);
        var plan = new HeunSolver(churn: EdmChurn.Read(settings)).Plan(grid);
        // EDM draws in every step, EDM2 only where it uses the draw.
        int used = 0;
        Func<int, int> stepOf = second ? _ => used++ : evaluations => evaluations / 2;
        using var latents = @case["latents"].ToTensor();
        using var start = latents * grid.PriorScale;
        GoldenReplay.CompareCalls(comparison, @case, plan, file.Mixture(), start, new RecordedNoise(plan, step => @case["noises"][step], stepOf));
        return true;
    }
}
