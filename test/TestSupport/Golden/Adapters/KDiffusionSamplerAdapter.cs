namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>k-diffusion's samplers. Its ancestral Euler is DDIM in variance-exploding form.</summary>
internal sealed class KDiffusionSamplerAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        string function = @case.Text("function");
        var churn = new StochasticChurn
        {
            Amount = settings.Number("s_churn", 0),
            RatioMin = settings.Number("s_tmin", 0),
            RatioMax = settings.Number("s_tmax", double.PositiveInfinity),
            NoiseScale = settings.Number("s_noise", 1),
        };
        // The reference's step of a draw that a plan uses after some evaluations.
        (ISolver? solver, Func<int, int> stepOf) = function switch
        {
            "sample_euler" => ((ISolver)new EulerSolver(churn), evaluations => evaluations),
            "sample_heun" => (new HeunSolver(churn: churn), evaluations => evaluations / 2),
            "sample_euler_ancestral" when churn.NoiseScale == 1 => (new DdimSolver(settings.Number("eta", 1)), evaluations => evaluations - 1),
            "sample_dpmpp_2m" => (new DpmSolverPlusPlus2MSolver(), evaluations => evaluations),
            _ => ((ISolver?)null, (Func<int, int>)(evaluations => evaluations)),
        };
        if (solver is null)
            return false;
        var plan = solver.Plan(TimeGrid.FromRatios(@case["sigmas"].Numbers()));
        using var start = @case["x_init"].ToTensor();
        GoldenReplay.CompareCalls(comparison, @case, plan, file.Mixture(), start, new RecordedNoise(plan, step => @case["noises"][step], stepOf));
        return true;
    }
}
