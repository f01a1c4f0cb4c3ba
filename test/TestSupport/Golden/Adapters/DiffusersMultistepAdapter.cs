namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>diffusers' multistep DPM-Solver++ of order 1 (which is DDIM) and 2, at the levels of its table or of a flow.</summary>
internal sealed class DiffusersMultistepAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var config = @case.Config;
        if (@case.Text("scheduler") != "DPMSolverMultistepScheduler"
            || config.Text("algorithm_type", "dpmsolver++") != "dpmsolver++"
            || config.Text("final_sigmas_type", "zero") != "zero")
            return false;
        ISolver? solver = config.Whole("solver_order", 2) switch
        {
            1 => KnownSolvers.Ddim,
            2 => new DpmSolverPlusPlus2MSolver(config.Text("solver_type", "midpoint") == "heun"),
            _ => null,
        };
        if (solver is null)
            return false;
        var sigmas = @case["sigmas"].Numbers();
        if (config.Flag("use_flow_sigmas"))
        {
            var flow = DiffusersConfig.FlowSigmaSpacing(config).Grid(KnownSchedules.RectifiedFlow, @case.Json.Whole("num_inference_steps"));
            comparison.Equal("sigmas", [.. flow.Levels.Select(level => level.Sigma)], sigmas);
            GoldenReplay.CompareSteps(comparison, @case, solver.Plan(flow), file.Mixture(), null);
            return true;
        }
        if (DiffusersConfig.Schedule(config) is not { } schedule || DiffusersConfig.Spacing(@case.Text("scheduler"), config) is not { } spacing)
            return false;
        int steps = @case.Json.Whole("num_inference_steps");
        var ratios = DiffusersConfig.RatioSpacing(config)?.Grid(schedule, steps);
        var grid = ratios is null
            ? spacing.Grid(schedule, steps)
            : DiffusersConfig.Explicit([.. ratios.Levels.Select(level => NoiseLevel.FromAlphaBar(1 / (1 + level.Sigma * level.Sigma)))]);
        comparison.Equal("sigmas", DiffusersConfig.Ratios(grid), sigmas);
        GoldenReplay.CompareSteps(comparison, @case, solver.Plan(grid), file.Mixture(), DiffusersConfig.Prediction(@case));
        return true;
    }
}
