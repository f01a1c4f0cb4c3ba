namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>diffusers' Euler, ancestral Euler, Heun and EDM schedulers, in variance-exploding form.</summary>
internal sealed class DiffusersRatioSamplerAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        ISolver? solver = @case.Text("scheduler") switch
        {
            "EulerDiscreteScheduler" or "EDMEulerScheduler" => KnownSolvers.Euler,
            "EulerAncestralDiscreteScheduler" => new DdimSolver(1),
            "HeunDiscreteScheduler" => KnownSolvers.Heun,
            "EDMDPMSolverMultistepScheduler" => KnownSolvers.DpmSolverPlusPlus2M,
            _ => null,
        };
        if (solver is null || @case.Json.Property("step_kwargs").Number("s_churn", 0) != 0 || Grid(@case) is not { } grid)
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
