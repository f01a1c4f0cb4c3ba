using System.Text.Json;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>k-diffusion's samplers. Its ancestral Euler is DDIM, and its dpm_2 DPM-Solver-2, in variance-exploding form.</summary>
internal sealed class KDiffusionSamplerAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        if (Solver(@case.Text("function"), settings) is not var (solver, stepOf))
            return false;
        var plan = solver.Plan(TimeGrid.FromRatios(@case.Has("sigmas") ? @case["sigmas"].Numbers() : FastRatios(settings)));
        using var start = @case["x_init"].ToTensor();
        GoldenReplay.CompareCalls(comparison, @case, plan, file.Mixture(), start, new RecordedNoise(plan, draw => @case["noises"][draw], stepOf));
        return true;
    }

    // The solver, and the reference's draw of one that a plan uses after some evaluations.
    private static (ISolver Solver, Func<int, int> DrawOf)? Solver(string function, JsonElement settings)
    {
        var churn = new StochasticChurn
        {
            Amount = settings.Number("s_churn", 0),
            RatioMin = settings.Number("s_tmin", 0),
            RatioMax = settings.Number("s_tmax", double.PositiveInfinity),
            NoiseScale = settings.Number("s_noise", 1),
        };
        double fast = Eta(settings, 0), eta = Eta(settings, 1), scale = eta > 0 ? settings.Number("s_noise", 1) : 1;
        return function switch
        {
            // Drawn before the evaluations of a step.
            "sample_euler" => (new EulerSolver(churn), evaluations => evaluations),
            "sample_heun" => (new HeunSolver(churn: churn), evaluations => evaluations / 2),
            "sample_dpm_2" => (new SinglestepDpmSolver(2, churn: churn), evaluations => evaluations / 2),
            // Drawn after them.
            "sample_euler_ancestral" => (new DdimSolver(eta, scale), evaluations => evaluations - 1),
            "sample_dpm_2_ancestral" => (new SinglestepDpmSolver(2, eta, scale), evaluations => evaluations / 2 - 1),
            "sample_dpmpp_2s_ancestral" => (new DpmSolverPlusPlus2SSolver(eta, scale), evaluations => evaluations / 2 - 1),
            "sample_dpmpp_sde" => (new DpmSolverPlusPlusSdeSolver(eta, scale, settings.Number("r", 0.5)), evaluations => evaluations - 1),
            "sample_dpmpp_2m_sde" => (Multistep(2, settings.Text("solver_type", "midpoint") == "heun", eta, scale), evaluations => evaluations - 1),
            "sample_dpmpp_3m_sde" => (Multistep(3, true, eta, scale), evaluations => evaluations - 1),
            "sample_dpm_fast" => (
                new SinglestepDpmSolver(3, fast, fast > 0 ? settings.Number("s_noise", 1) : 1) { Evaluations = settings.Whole("n") }, evaluations => (evaluations - 1) / 3),
            // No draws.
            "sample_dpmpp_2m" => (Multistep(2, false, 0, 1), evaluations => evaluations),
            "sample_lms" => (new LmsSolver(settings.Whole("order", 4)), evaluations => evaluations),
            _ => null,
        };
    }

    private static MultistepDpmSolver Multistep(int order, bool exact, double eta, double scale)
        => new(order, eta, scale) { Slope = exact ? SlopeRule.Exact : SlopeRule.Midpoint, LowerOrderFinal = false };

    private static double Eta(JsonElement settings, double missing) => settings.Number("eta", missing);

    // The steps of DPM-Solver-fast, even in λ.
    private static double[] FastRatios(JsonElement settings)
    {
        double from = Math.Log(settings.Number("sigma_max", 0)), to = Math.Log(settings.Number("sigma_min", 0));
        int steps = settings.Whole("n") / 3 + 1;
        return [.. Enumerable.Range(0, steps + 1).Select(i => Math.Exp(from + (to - from) * i / steps))];
    }
}
