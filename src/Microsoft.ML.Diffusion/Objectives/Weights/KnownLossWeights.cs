namespace Microsoft.ML.Diffusion;

/// <summary>Ready weights of noise levels in the loss; <c>docs/training-objectives.md</c> says which one when.</summary>
public static class KnownLossWeights
{
    /// <summary>Every level alike in units of what the network predicts.</summary>
    public static LossWeight Uniform { get; } = new UniformLossWeight();

    /// <summary>Every level alike in units of x0.</summary>
    public static LossWeight X0 { get; } = new UniformLossWeight(KnownParameterizations.X0);

    /// <summary>Every level alike in units of ε: the signal-to-noise ratio over the error in x0.</summary>
    public static LossWeight Snr { get; } = new SnrLossWeight();

    /// <summary>Every level alike in units of v: SNR + 1 over the error in x0 (Salimans and Ho 2022, arXiv:2202.00512).</summary>
    public static LossWeight SnrPlusOne { get; } = new UniformLossWeight(KnownParameterizations.V);

    /// <summary>max(SNR, 1) over the error in x0 (Salimans and Ho 2022, arXiv:2202.00512).</summary>
    public static LossWeight TruncatedSnr { get; } = new TruncatedSnrLossWeight();

    /// <summary>min(SNR, 5) over the error in x0 (Hang et al. 2023, arXiv:2303.09556).</summary>
    public static LossWeight MinSnr { get; } = new MinSnrLossWeight();

    /// <summary>1/(1/SNR + 1/4) over the error in x0 (Crowson et al. 2024, arXiv:2401.11605).</summary>
    public static LossWeight SoftMinSnr { get; } = new SoftMinSnrLossWeight();

    /// <summary>EDM's λ(σ) for data of deviation 0.5: every level alike in units of EDM's target (Karras et al. 2022, arXiv:2206.00364).</summary>
    public static LossWeight Edm { get; } = new UniformLossWeight(KnownParameterizations.Edm);

    /// <summary>P2 with k = 1 and γ = 1 (Choi et al. 2022, arXiv:2204.00227).</summary>
    public static LossWeight P2 { get; } = new P2LossWeight();

    /// <summary>
    /// Every level alike in units of rectified flow's velocity: 1/t² over the error in x0, with t = σ/(α + σ) (<c>sigma_sqrt</c> of diffusers' training of Stable
    /// Diffusion 3, which compares x0; Esser et al. 2024, arXiv:2403.03206).
    /// </summary>
    public static LossWeight SigmaSqrt { get; } = new UniformLossWeight(KnownParameterizations.Velocity);

    /// <summary>Rectified flow's error in the velocity with the cosine schedule's density of levels (Esser et al. 2024, arXiv:2403.03206).</summary>
    public static LossWeight CosMap { get; } = new CosMapLossWeight();
}
