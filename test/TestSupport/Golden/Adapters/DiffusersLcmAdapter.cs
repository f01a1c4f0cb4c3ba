namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>diffusers' scheduler of latent consistency models.</summary>
internal sealed class DiffusersLcmAdapter : SchedulerAdapter
{
    protected override bool Run(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var config = @case.Config;
        if (@case.Text("scheduler") != "LCMScheduler" || DiffusersConfig.Schedule(config, "scaled_linear", 0.00085, 0.012) is not { } schedule)
            return false;
        var grid = schedule.Grid([.. @case["timesteps"].Numbers().Select(time => (int)time)]);
        // The reference counts time in steps.
        var solver = new ConsistencySolver(new ConsistencyBoundary(0.5, config.Number("timestep_scaling", 10) * (schedule.Steps - 1)));
        GoldenReplay.CompareSteps(comparison, @case, solver.Plan(grid), file.Mixture(), DiffusersConfig.Prediction(@case), DiffusersConfig.Thresholding(config));
        return true;
    }
}
