namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>diffusers' exponential integrators: DPM-Solver (multistep, singlestep, EDM's), UniPC and DEIS, at the levels of a table, of a flow or of EDM.</summary>
internal sealed class DiffusersExponentialAdapter : SchedulerAdapter
{
    protected override bool Run(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var sigmas = @case.Has("sigmas") ? @case["sigmas"].Numbers() : [];
        if (Solver(@case, sigmas) is not { } solver || Grid(@case, sigmas, comparison) is not { } grid)
            return false;
        var network = IsEdm(@case) ? new EdmParameterization(@case.Config.Number("sigma_data", 0.5)) : DiffusersConfig.Prediction(@case);
        GoldenReplay.CompareSteps(comparison, @case, solver.Plan(grid), file.Mixture(), network, DiffusersConfig.Thresholding(@case.Config));
        return true;
    }

    private static ISolver? Solver(GoldenCase @case, double[] sigmas)
    {
        var config = @case.Config;
        int steps = sigmas.Length - 1;
        // diffusers lowers an order that the run is too short for.
        int order = Math.Min(config.Whole("solver_order", 2), steps);
        string algorithm = config.Text("algorithm_type", "dpmsolver++"), type = config.Text("solver_type");
        bool stochastic = algorithm.StartsWith("sde-", StringComparison.Ordinal), lower = config.Flag("lower_order_final", true);
        var estimate = algorithm.EndsWith("dpmsolver", StringComparison.Ordinal) ? SolverEstimate.Epsilon : SolverEstimate.X0;
        var slope = type == "heun" ? SlopeRule.Exact : SlopeRule.Midpoint;
        int eta = stochastic ? 1 : 0;
        // The reference's SDE updates of order 3 have the wrong sign in φ_3: the sum tends to −1 instead of 0 for small steps. Not a target.
        bool wrongSign = stochastic && order == 3;
        switch (@case.Text("scheduler"))
        {
            case "DPMSolverMultistepScheduler" or "EDMDPMSolverMultistepScheduler" when !wrongSign:
                return new MultistepDpmSolver(order, eta) { Estimate = estimate, Slope = slope, LowerOrderFinal = lower, EulerAtFinal = config.Flag("euler_at_final") };
            case "DPMSolverSinglestepScheduler" when !(wrongSign && slope == SlopeRule.Exact):
                // diffusers turns the option on where it does not work without.
                lower = config.Flag("lower_order_final") || steps % order != 0 || sigmas[^1] == 0;
                return new StageDpmSolver(order, eta) { Estimate = estimate, Slope = slope, LowerOrderFinal = lower };
            case "UniPCMultistepScheduler":
                return new UniPcSolver(order, type == "bh1" ? UniPcVariant.Bh1 : UniPcVariant.Bh2)
                {
                    Estimate = config.Flag("predict_x0", true) ? SolverEstimate.X0 : SolverEstimate.Epsilon,
                    LowerOrderFinal = lower,
                    Uncorrected = config.Has("disable_corrector") ? [.. config.GetProperty("disable_corrector").Numbers().Select(step => (int)step)] : [],
                };
            case "DEISMultistepScheduler":
                return new DeisSolver(order) { LowerOrderFinal = lower };
            default:
                return null;
        }
    }

    private static bool IsEdm(GoldenCase @case) => @case.Text("scheduler").StartsWith("EDM", StringComparison.Ordinal);

    // The levels of the case; where the library has the schedule and the spacing, they are compared with its own.
    private static TimeGrid? Grid(GoldenCase @case, double[] sigmas, GoldenComparison comparison)
    {
        var config = @case.Config;
        bool flow = config.Flag("use_flow_sigmas");
        if (Expected(@case, flow) is { } expected)
            comparison.Equal("sigmas", [.. expected.Take(sigmas.Length - 1)], sigmas[..^1]);
        return DiffusersConfig.Explicit(DiffusersConfig.Falling([.. sigmas.Select(sigma =>
            IsEdm(@case) ? NoiseLevel.FromRatio(sigma)
            : flow ? new NoiseLevel(1 - sigma, sigma)
            : NoiseLevel.FromAlphaBar(1 / (1 + sigma * sigma)))]));
    }

    private static IEnumerable<double>? Expected(GoldenCase @case, bool flow)
    {
        var config = @case.Config;
        int steps = @case["sigmas"].GetArrayLength() - 1;
        if (IsEdm(@case))
            return DiffusersConfig.Ratios(DiffusersConfig.EdmSpacing(config).Grid(KnownSchedules.Edm, steps));
        // Steps of the caller's, a cut at the noisy end, and UniPC's flow, which begins beside pure noise, are taken as the case lists them.
        if (@case.Json.Property("set_timesteps_kwargs").EnumerateObject().Any() || config.Number("lambda_min_clipped", double.NegativeInfinity) > double.NegativeInfinity)
            return null;
        if (flow)
            return @case.Text("scheduler").StartsWith("UniPC", StringComparison.Ordinal) || DiffusersConfig.RatioSpacing(config) is not null
                ? null
                : DiffusersConfig.FlowSigmaSpacing(config).Grid(KnownSchedules.RectifiedFlow, steps).Levels.Select(level => level.Sigma);
        return DiffusersConfig.Schedule(config) is { } schedule && (DiffusersConfig.RatioSpacing(config) ?? DiffusersConfig.Spacing(@case.Text("scheduler"), config)) is { } spacing
            ? DiffusersConfig.Ratios(spacing.Grid(schedule, steps)).Select(ratio => Math.Min(ratio, DiffusersConfig.LargestRatio))
            : null;
    }
}
