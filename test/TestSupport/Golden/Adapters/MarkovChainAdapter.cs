namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Chains of Metropolis, Hastings and Langevin on the mixture itself.</summary>
internal sealed class MarkovChainAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        if (!@case.Has("chain") || !@case.Has("z"))
            return false;
        IProposal? proposal = settings.Has("eps") ? new LangevinProposal(settings.Number("eps", 0))
            : !settings.Has("sigma") ? null
            : settings.Has("rho") ? new AutoregressiveProposal(settings.Number("rho", 1), settings.Number("sigma", 0), settings.GetProperty("m0").Numbers())
            : new RandomWalkProposal(settings.Number("sigma", 0));
        if (proposal is null)
            return false;
        bool adjusted = @case.Has("u");
        var density = new DifferentiableLogDensity(x => file.Mixture().LogDensity(x, NoiseLevel.Clean));
        using var single = settings.GetProperty("x0").ToTensor();
        using var start = single.reshape(1, -1);
        var noise = new ListedNoise(@case["z"].EnumerateArray(), adjusted ? @case["u"].EnumerateArray() : []);
        using var chain = new MarkovChain(density, new MarkovKernel(proposal, adjusted), start, noise);
        var states = @case["chain"].EnumerateArray().ToArray();
        for (int k = 0; k < states.Length; k++)
        {
            chain.Step();
            if (adjusted)
                comparison.Equal($"step {k}, accepted", chain.Accepted!.data<bool>()[0] ? 1 : 0, @case["accepted"][k].GetBoolean() ? 1 : 0);
            comparison.Equal($"step {k}, state", chain.State, states[k]);
        }
        if (adjusted)
            comparison.Equal("acceptance rate", chain.AcceptanceRate!.Value, @case["accepted"].EnumerateArray().Average(accepted => accepted.GetBoolean() ? 1.0 : 0.0));
        return true;
    }
}
