namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Ready pairings of rows and noises.</summary>
public static class KnownPairings
{
    /// <summary>Each row meets its own noise.</summary>
    public static NoisePairing Independent { get; } = new IndependentPairing();

    /// <summary>Optimal transport within the batch, for flow matching (Tong et al. 2024, arXiv:2302.00482).</summary>
    public static NoisePairing OptimalTransport { get; } = new OptimalTransportPairing();
}
