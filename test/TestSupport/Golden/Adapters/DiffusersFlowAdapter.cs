namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>diffusers' flow-matching schedulers: levels (1 − σ, σ), which begin at pure noise.</summary>
internal sealed class DiffusersFlowAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        ISolver? solver = @case.Text("scheduler") switch
        {
            "FlowMatchEulerDiscreteScheduler" when !@case.Config.Flag("stochastic_sampling") => KnownSolvers.Euler,
            "FlowMatchHeunDiscreteScheduler" => KnownSolvers.Heun,
            _ => null,
        };
        if (solver is null)
            return false;
        var grid = DiffusersConfig.Explicit([.. DiffusersConfig.Distinct(@case["sigmas"]).Select(sigma => new NoiseLevel(1 - sigma, sigma))]);
        GoldenReplay.CompareSteps(comparison, @case, solver.Plan(grid), file.Mixture(), null);
        return true;
    }
}
