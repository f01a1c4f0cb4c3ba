namespace Microsoft.ML.Diffusion;

/// <summary>Ready noise schedules.</summary>
public static class KnownSchedules
{
    /// <summary>DDPM's schedule of 1000 steps, β from 0.0001 to 0.02 (Ho et al. 2020, arXiv:2006.11239).</summary>
    public static NoiseSchedule Linear { get; } = new LinearBetaSchedule();

    /// <summary>Latent diffusion's schedule of 1000 steps, √β linear, β from 0.00085 to 0.012 (Rombach et al. 2022, arXiv:2112.10752).</summary>
    public static NoiseSchedule ScaledLinear { get; } = new ScaledLinearBetaSchedule();

    /// <summary>The cosine schedule of 1000 steps (Nichol and Dhariwal 2021, arXiv:2102.09672).</summary>
    public static NoiseSchedule Cosine { get; } = new CosineSchedule();

    /// <summary>The sigmoid schedule of 1000 steps, ᾱ logistic from −3 to 3 (Jabri et al. 2023, arXiv:2212.11972).</summary>
    public static NoiseSchedule Sigmoid { get; } = new SigmoidSchedule();

    /// <summary>GeoDiff's schedule of 1000 steps, β logistic from 0.0001 to 0.02 (Xu et al. 2022, arXiv:2203.02923).</summary>
    public static NoiseSchedule SigmoidBeta { get; } = new SigmoidBetaSchedule();

    /// <summary>Latent diffusion's <c>sqrt</c> schedule of 1000 steps, β² linear from 0.0001 to 0.02 (Rombach et al. 2022, arXiv:2112.10752).</summary>
    public static NoiseSchedule SqrtBeta { get; } = new SqrtBetaSchedule();

    /// <summary>Latent diffusion's schedule rescaled to end at pure noise (Lin et al. 2023, arXiv:2305.08891); for networks that predict v or x0.</summary>
    public static NoiseSchedule ZeroTerminalSnr { get; } = new ZeroTerminalSnrSchedule(new ScaledLinearBetaSchedule());

    /// <summary>The variance-exploding schedule of EDM, σ from 0.002 to 80 (Karras et al. 2022, arXiv:2206.00364).</summary>
    public static NoiseSchedule Edm { get; } = new EdmSchedule();

    /// <summary>
    /// EDM's schedule with training noise centred higher, where small pictures (up to about 64 pixels) are decided: ln σ of mean 0.4 and
    /// deviation 1.4. Better than the published values when training is short.
    /// </summary>
    public static NoiseSchedule EdmSmallImages { get; } = new EdmSchedule(logSigmaMean: 0.4, logSigmaDeviation: 1.4);

    /// <summary>The variance-preserving SDE, β from 0.1 to 20 (Song et al. 2021, arXiv:2011.13456).</summary>
    public static NoiseSchedule Vp { get; } = new VpSchedule();

    /// <summary>The sub-VP SDE, β from 0.1 to 20 (Song et al. 2021, arXiv:2011.13456).</summary>
    public static NoiseSchedule SubVp { get; } = new SubVpSchedule();

    /// <summary>The variance-exploding SDE with geometric noise, σ from 0.01 to 50 (Song et al. 2021, arXiv:2011.13456).</summary>
    public static NoiseSchedule Ve { get; } = new VeSchedule();

    /// <summary>
    /// The variance-exploding SDE from σ of 0.01 to the largest distance between two examples, measured when the noise schedule is fitted (Song and
    /// Ermon 2020, arXiv:2006.09011, technique 1).
    /// </summary>
    public static NoiseSchedule GeometricFromData { get; } = new GeometricFromDataSchedule();

    /// <summary>Rectified flow: straight paths from data to pure noise (Liu et al. 2023, arXiv:2209.03003).</summary>
    public static NoiseSchedule RectifiedFlow { get; } = new RectifiedFlowSchedule();

    /// <summary>Rectified flow with logit-normal training times, as Stable Diffusion 3 (Esser et al. 2024, arXiv:2403.03206).</summary>
    public static NoiseSchedule RectifiedFlowLogitNormal { get; } = new RectifiedFlowSchedule(KnownTimeDensities.LogitNormal);

    /// <summary>The path α = (1 − t)³, σ = 1 − α (Lipman et al. 2024, arXiv:2412.06264).</summary>
    public static NoiseSchedule PolynomialFlow { get; } = new PolynomialFlowSchedule();

    /// <summary>The quarter circle from data to pure noise: the GVP path of SiT (Ma et al. 2024, arXiv:2401.08740).</summary>
    public static NoiseSchedule CosineFlow { get; } = new CosineFlowSchedule();

    /// <summary>The variance-preserving path with α = 1 − t (Lipman et al. 2024, arXiv:2412.06264).</summary>
    public static NoiseSchedule LinearVpFlow { get; } = new LinearVpFlowSchedule();
}
