namespace Microsoft.ML.Diffusion;

/// <summary>
/// The network predicts the score times the noise, σ·∇ln p(x), whose target is −ε (Song and Ermon 2020, arXiv:2006.09011, technique 3; the VE preconditioning of Karras
/// et al. 2022, arXiv:2206.00364, Table 1): x̂0 = (x + σ·F)/α. It sees the state in variance-exploding form, x/α, so it suits variance-exploding schedules. Not
/// defined at pure noise (α = 0).
/// </summary>
public sealed class ScoreParameterization : Parameterization
{
    /// <inheritdoc/>
    public override Preconditioning At(NoiseLevel level)
    {
        var (alpha, sigma) = level;
        if (alpha == 0)
            throw new ArgumentException($"A network that predicts the score can not denoise pure noise, level {level}: use v, x0 or EDM parameterization, or a schedule that ends above α = 0.", nameof(level));
        return new Preconditioning(1 / alpha, sigma / alpha, 1 / alpha);
    }
}
