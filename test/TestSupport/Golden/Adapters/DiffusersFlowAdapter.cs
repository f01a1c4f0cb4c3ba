namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>diffusers' flow-matching schedulers: levels (1 − σ, σ), which begin at pure noise.</summary>
internal sealed class DiffusersFlowAdapter : SchedulerAdapter
{
    protected override bool Run(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        ISolver? solver = @case.Text("scheduler") switch
        {
            // Its stochastic form goes to x̂0 and back up with fresh noise.
            "FlowMatchEulerDiscreteScheduler" => @case.Config.Flag("stochastic_sampling") ? new DdimSolver(double.PositiveInfinity) : KnownSolvers.Euler,
            "FlowMatchHeunDiscreteScheduler" => KnownSolvers.Heun,
            _ => null,
        };
        if (solver is null || DiffusersConfig.FlowSpacing(@case.Config, @case.Json.Property("set_timesteps_kwargs").Number("mu", 0)) is not { } spacing)
            return false;
        var grid = spacing.Grid(KnownSchedules.RectifiedFlow, @case.Json.Whole("num_inference_steps"));
        comparison.Equal("sigmas", [.. grid.Levels.Select(level => level.Sigma)], DiffusersConfig.Distinct(@case["sigmas"]));
        GoldenReplay.CompareSteps(comparison, @case, solver.Plan(grid), file.Mixture(), null);
        return true;
    }
}
