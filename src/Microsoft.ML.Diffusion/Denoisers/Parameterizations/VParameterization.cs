namespace Microsoft.ML.Diffusion;

/// <summary>
/// The network predicts v = α·ε − σ·x0 (Salimans and Ho 2022, arXiv:2202.00512, section 4 and appendix D): x̂0 = α·x − σ·v̂ where
/// α² + σ² = 1, and in general with x, α and σ divided by s = √(α² + σ²). Defined at every level, pure noise included.
/// </summary>
public sealed class VParameterization : Parameterization
{
    /// <inheritdoc/>
    public override Preconditioning At(NoiseLevel level)
    {
        var (alpha, sigma) = level;
        double variance = alpha * alpha + sigma * sigma;
        double deviation = Math.Sqrt(variance);
        return new Preconditioning(alpha / variance, -sigma / deviation, 1 / deviation);
    }
}
