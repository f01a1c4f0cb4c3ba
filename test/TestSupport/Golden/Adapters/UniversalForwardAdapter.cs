namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Forward universal guidance with self-recurrence: the authors' DDIM sampler of latent diffusion, beside classifier-free guidance or without it.</summary>
internal sealed class UniversalForwardAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        string source = @case.Text("source");
        if (!source.Contains("DDIMSamplerWithGrad.sample", StringComparison.Ordinal))
            return false;
        var settings = @case.Params;
        using var target = @case["target"].ToTensor();
        if (UniversalCase.Objective(settings.Text("loss"), target) is not { } objective)
            return false;
        int total = settings.Whole("T", 1000), recurrence = settings.Whole("self_recurrence_steps", 1);
        var schedule = new ScaledLinearBetaSchedule(total, settings.Number("linear_start", 8.5e-4), settings.Number("linear_end", 0.012));
        // Whole strides may fit in more often than wanted; the reference ends at step 0.
        var timesteps = @case["ddim_timesteps"].Numbers();
        var grid = new NoisyEndSpacing(new StridedSpacing(total / settings.Whole("S"), offset: 1)).Grid(schedule, timesteps.Length);
        comparison.Equal("timesteps", [.. grid.Times.Reverse().Skip(1).Select(time => time * (total - 1))], timesteps);
        comparison.Equal("alphas", [.. grid.Levels.Reverse().Skip(1).Select(level => level.Alpha * level.Alpha)], @case["ddim_alphas"].Numbers());
        comparison.Equal("alphas_prev", [.. grid.Levels.Reverse().SkipLast(1).Select(level => level.Alpha * level.Alpha)], @case["ddim_alphas_prev"].Numbers());

        var guidance = new UniversalGuidance(objective)
        {
            ForwardWeight = settings.Number("guidance_weight", 1),
            ForwardUnconditional = source.EndsWith("seperate", StringComparison.Ordinal),
            Recurrence = recurrence,
        };
        bool isFree = settings.Flag("with_cfg");
        IDenoiser model = GoldenFile.Mixture(@case["cond_gmm"]);
        if (isFree)
            model = new ClassifierFreeGuidance(settings.Number("cfg_scale", 1)).Guide(new ConditionalMixture(model, GoldenFile.Mixture(@case["uncond_gmm"])));
        var solver = new DdimSolver(settings.Number("eta", 0));
        using var start = @case["z_T"].ToTensor();
        using var sample = PlanRunner.Run(
            new RecurrentSolver(solver, recurrence).Plan(grid), guidance.Guide(model), start, isFree ? ConditionalMixture.Rows(start.size(0)) : Conditioning.None,
            UniversalCase.Noise(solver, grid, recurrence, @case["noises"]));
        comparison.Equal("sample", sample, @case["x_final"]);
        return true;
    }
}
