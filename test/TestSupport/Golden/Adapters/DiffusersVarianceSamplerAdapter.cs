namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>diffusers' DDPM and DDIM schedulers, in variance-preserving form.</summary>
internal sealed class DiffusersVarianceSamplerAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var config = @case.Config;
        ISolver? solver = (@case.Text("scheduler"), config.Text("variance_type", "fixed_small")) switch
        {
            ("DDPMScheduler", "fixed_small") => new DdpmSolver(),
            ("DDPMScheduler", "fixed_large") => new DdpmSolver(largeVariance: true),
            ("DDIMScheduler", _) => new DdimSolver(@case.Json.Property("step_kwargs").Number("eta", 0)),
            _ => null,
        };
        if (solver is null || Grid(@case, comparison) is not { } grid)
            return false;
        // DDIM of clipped x̂0 and raw ε mixes two estimates in one step.
        bool thresholds = config.Flag("clip_sample") || config.Flag("thresholding");
        if (thresholds && solver is not DdpmSolver)
            return false;
        Func<IDenoiser, IDenoiser>? wrap =
            config.Flag("thresholding") ? inner => ThresholdedDenoiser.Dynamic(inner, config.Number("dynamic_thresholding_ratio", 0.995), config.Number("sample_max_value", 1))
            : config.Flag("clip_sample") ? inner => ThresholdedDenoiser.Clip(inner, config.Number("clip_sample_range", 1))
            : null;
        GoldenReplay.CompareSteps(comparison, @case, solver.Plan(grid), file.Mixture(), DiffusersConfig.Prediction(@case), wrap);
        return true;
    }

    private static TimeGrid? Grid(GoldenCase @case, GoldenComparison comparison)
    {
        var timesteps = @case["timesteps"].Numbers();
        var listed = @case["steps"].EnumerateArray().Select(step => NoiseLevel.FromAlphaBar(step.GetProperty("alpha_bar").ToNumber())).ToArray();
        if (DiffusersConfig.Schedule(@case.Config) is not { } schedule || DiffusersConfig.Spacing(@case.Text("scheduler"), @case.Config) is not { } spacing)
            return null;
        // Without set_alpha_to_one the run ends at the level of step 0 instead of clean data; a last step from there goes nowhere.
        bool endsNoisy = !@case.Config.Flag("set_alpha_to_one", true);
        if (endsNoisy && timesteps[^1] == 0)
            return null;
        var grid = (endsNoisy ? new NoisyEndSpacing(spacing) : spacing).Grid(schedule, @case.Json.Whole("num_inference_steps"));
        comparison.Equal("timesteps", [.. grid.Times.SkipLast(1).Select(time => time * (schedule.Steps - 1))], timesteps);
        comparison.Equal("alpha_bar", [.. grid.Levels.SkipLast(1).Select(level => level.Alpha * level.Alpha)], [.. listed.Select(level => level.Alpha * level.Alpha)]);
        return grid;
    }
}
