namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>diffusers' DDIMInverseScheduler: a sampling grid, walked from its clean end without refinement.</summary>
internal sealed class DdimInverseAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var config = @case.Config;
        if (@case.Text("scheduler") != "DDIMInverseScheduler"
            || DiffusersConfig.Schedule(config) is not { } schedule
            || DiffusersConfig.Spacing("DDIMScheduler", config) is not { } spacing
            || config.Flag("clip_sample", missing: true))
            return false;
        var grid = spacing.Grid(schedule, @case.Json.Whole("num_inference_steps"));
        comparison.Equal("timesteps", [.. grid.Times.SkipLast(1).Reverse().Select(time => time * (schedule.Steps - 1))], @case["timesteps"].Numbers());
        if (!config.Flag("set_alpha_to_one", missing: true))
        {
            // The clean end is the level of step 0, where a run that visits step 0 already is.
            if (grid.Times[^2] == 0)
                return false;
            grid = new TimeGrid(schedule, [.. grid.Times.SkipLast(1), 0], [.. grid.Levels.SkipLast(1), schedule.LevelOf(0)]);
        }
        GoldenReplay.CompareSteps(comparison, @case, Inversion.Plan(KnownSolvers.Ddim, grid, 0), file.Mixture(), DiffusersConfig.Prediction(@case));
        return true;
    }
}
