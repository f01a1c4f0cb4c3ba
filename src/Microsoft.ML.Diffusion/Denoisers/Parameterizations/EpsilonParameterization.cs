namespace Microsoft.ML.Diffusion;

/// <summary>
/// The network predicts the noise ε (Ho et al. 2020, arXiv:2006.11239, eq. 11): x̂0 = (x − σ·ε̂)/α. Its input has variance 1 for data of
/// variance 1. Not defined at pure noise (α = 0), where the noise says nothing about the data.
/// </summary>
public sealed class EpsilonParameterization : Parameterization
{
    /// <inheritdoc/>
    public override Preconditioning At(NoiseLevel level)
    {
        var (alpha, sigma) = level;
        if (alpha == 0)
            throw new ArgumentException($"A network that predicts ε can not denoise pure noise, level {level}: use v, x0 or EDM parameterization, or a schedule that ends above α = 0.", nameof(level));
        return new Preconditioning(1 / alpha, -sigma / alpha, 1 / Math.Sqrt(alpha * alpha + sigma * sigma));
    }
}
