namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>diffusers' DDPM and DDIM schedulers, in variance-preserving form.</summary>
internal sealed class DiffusersVarianceSamplerAdapter : SchedulerAdapter
{
    protected override bool Run(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var config = @case.Config;
        ISolver? solver = (@case.Text("scheduler"), config.Text("variance_type", "fixed_small")) switch
        {
            ("DDPMScheduler", "fixed_small" or "fixed_small_log") => new DdpmSolver(),
            ("DDPMScheduler", "fixed_large") => new DdpmSolver(ReverseVariance.Large),
            ("DDIMScheduler", _) => new DdimSolver(@case.Json.Property("step_kwargs").Number("eta", 0)),
            _ => null,
        };
        if (solver is null || Grid(@case, comparison) is not { } grid)
            return false;
        // DDIM of clipped x̂0 and raw ε mixes two estimates in one step.
        var thresholding = DiffusersConfig.Thresholding(config);
        if (thresholding is not null && solver is not DdpmSolver && !@case.Json.Property("step_kwargs").Flag("use_clipped_model_output"))
            return false;
        GoldenReplay.CompareSteps(comparison, @case, solver.Plan(grid), file.Mixture(), DiffusersConfig.Prediction(@case), thresholding);
        return true;
    }

    private static TimeGrid? Grid(GoldenCase @case, GoldenComparison comparison)
    {
        var timesteps = @case["timesteps"].Numbers();
        var listed = @case["steps"].EnumerateArray().Select(step => NoiseLevel.FromAlphaBar(step.GetProperty("alpha_bar").ToNumber())).ToArray();
        if (DiffusersConfig.Schedule(@case.Config) is not { } schedule || DiffusersConfig.Spacing(@case.Text("scheduler"), @case.Config) is not { } spacing)
            return null;
        // Without set_alpha_to_one the run ends at the level of step 0 instead of clean data; a last step from there goes nowhere.
        bool endsNoisy = !@case.Config.Flag("set_alpha_to_one", true), goesNowhere = endsNoisy && timesteps[^1] == 0;
        var grid = (endsNoisy && !goesNowhere ? new NoisyEndSpacing(spacing) : spacing).Grid(schedule, @case.Json.Whole("num_inference_steps"));
        comparison.Equal("timesteps", [.. grid.Times.SkipLast(1).Select(time => time * (schedule.Steps - 1))], timesteps);
        comparison.Equal("alpha_bar", [.. grid.Levels.SkipLast(1).Select(level => level.Alpha * level.Alpha)], [.. listed.Select(level => level.Alpha * level.Alpha)]);
        return goesNowhere ? new TimeGrid(schedule, grid.Times, DiffusersConfig.Falling([.. grid.Levels.SkipLast(1), schedule.LevelOf(0)])) : grid;
    }
}
