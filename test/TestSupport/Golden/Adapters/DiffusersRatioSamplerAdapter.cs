namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>diffusers' Euler, Heun, LMS, KDPM2 and SDE schedulers, those of EDM, in variance-exploding form.</summary>
internal sealed class DiffusersRatioSamplerAdapter : SchedulerAdapter
{
    protected override bool Run(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var options = @case.Json.Property("step_kwargs");
        ISolver? solver = @case.Text("scheduler") switch
        {
            "EulerDiscreteScheduler" or "EDMEulerScheduler" => KnownSolvers.Euler,
            "EulerAncestralDiscreteScheduler" => KnownSolvers.EulerAncestral,
            "LMSDiscreteScheduler" => new LmsSolver(options.Whole("order", 4)),
            "KDPM2DiscreteScheduler" => KnownSolvers.DpmSolver2,
            "KDPM2AncestralDiscreteScheduler" => KnownSolvers.DpmSolver2Ancestral,
            "DPMSolverSDEScheduler" => new DpmSolverPlusPlusSdeSolver(noiseScale: options.Number("s_noise", 1)),
            "HeunDiscreteScheduler" => KnownSolvers.Heun,
            _ => null,
        };
        if (solver is null || options.Number("s_churn", 0) != 0 || Grid(@case) is not { } grid)
            return false;
        comparison.Equal("sigmas", DiffusersConfig.Ratios(grid), DiffusersConfig.Distinct(@case["sigmas"]));
        var network = IsEdm(@case) ? new EdmParameterization(@case.Config.Number("sigma_data", 0.5)) : DiffusersConfig.Prediction(@case);
        GoldenReplay.CompareSteps(comparison, @case, solver.Plan(grid), file.Mixture(), network);
        return true;
    }

    private static bool IsEdm(GoldenCase @case) => @case.Text("scheduler").StartsWith("EDM", StringComparison.Ordinal);

    private static TimeGrid? Grid(GoldenCase @case)
    {
        int steps = @case.Json.Whole("num_inference_steps");
        if (IsEdm(@case))
            return DiffusersConfig.EdmSpacing(@case.Config).Grid(KnownSchedules.Edm, steps);
        if (DiffusersConfig.Schedule(@case.Config) is not { } schedule)
            return null;
        if (DiffusersConfig.RatioSpacing(@case.Config) is { } ratios)
            return ratios.Grid(schedule, steps);
        return DiffusersConfig.Spacing(@case.Text("scheduler"), @case.Config) is { } spacing
            ? TimeGrid.FromRatios([.. DiffusersConfig.Ratios(spacing.Grid(schedule, steps)).Select(ratio => Math.Min(ratio, DiffusersConfig.LargestRatio))])
            : null;
    }
}
