namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Latent diffusion's DDIM sampler under classifier-free guidance.</summary>
internal sealed class LatentGuidanceAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        if (!@case.Has("cond_gmm") || !@case.Has("pred_x0") || !@case.Has("ddim_timesteps") || settings.Has("self_recurrence_steps"))
            return false;
        int total = settings.Whole("T", 1000), stride = total / settings.Whole("S");
        var schedule = new ScaledLinearBetaSchedule(total, settings.Number("linear_start", 1e-4), settings.Number("linear_end", 2e-2));
        var timesteps = @case["ddim_timesteps"].Numbers();
        // The reference ends at the level of step 0.
        var grid = new NoisyEndSpacing(new StridedSpacing(stride, offset: 1)).Grid(schedule, timesteps.Length);
        comparison.Equal("timesteps", [.. grid.Times.Reverse().Skip(1).Select(time => time * (total - 1))], timesteps);
        comparison.Equal("alphas", [.. grid.Levels.Reverse().Skip(1).Select(level => level.Alpha * level.Alpha)], @case["ddim_alphas"].Numbers());
        comparison.Equal("alphas_prev", [.. grid.Levels.Skip(1).Reverse().Select(level => level.Alpha * level.Alpha)], @case["ddim_alphas_prev"].Numbers());

        var model = new ConditionalMixture(GoldenFile.Mixture(@case["cond_gmm"]), GoldenFile.Mixture(@case["uncond_gmm"]));
        var guided = new ClassifierFreeGuidance(settings.Number("scale", 1)).Guide(model);
        var plan = new DdimSolver(settings.Number("eta", 0)).Plan(grid);
        var noise = new RecordedNoise(plan, step => @case["noises"][step], evaluations => evaluations - 1);
        using var recording = new RecordingDenoiser(guided);
        using var start = @case["x_T"].ToTensor();
        using var sample = PlanRunner.Run(plan, recording, start, ConditionalMixture.Rows(start.size(0)), noise);
        comparison.Equal("number of model calls", plan.Evaluations, @case["pred_x0"].GetArrayLength() - 1);
        for (int i = 0; i < recording.Calls.Count; i++)
        {
            // The reference lists the start as its first estimate.
            comparison.Equal($"state {i}", recording.Calls[i].X, @case["trajectory"][i]);
            comparison.Equal($"estimate {i}", recording.Calls[i].X0, @case["pred_x0"][i + 1]);
        }
        comparison.Equal("sample", sample, @case["x_final"]);
        return true;
    }
}
