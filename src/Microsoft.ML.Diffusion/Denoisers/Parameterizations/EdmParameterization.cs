namespace Microsoft.ML.Diffusion;

/// <summary>
/// EDM's preconditioning (Karras et al. 2022, arXiv:2206.00364, Table 1), written for any (α, σ): the network's input and target have
/// variance 1 at every level, pure noise (α = 0) included. The loss in units of the target is EDM's weighted loss.
/// </summary>
/// <param name="dataScale">σ_data, the standard deviation of the data in model space; positive, finite. 0.5 unless given.</param>
public sealed class EdmParameterization(double dataScale = 0.5) : Parameterization
{
    /// <summary>σ_data, the standard deviation of the data in model space.</summary>
    public double DataScale { get; } = dataScale > 0 && double.IsFinite(dataScale)
        ? dataScale
        : throw new ArgumentOutOfRangeException(nameof(dataScale), dataScale, "The scale of the data must be positive and finite.");

    /// <inheritdoc/>
    public override Preconditioning At(NoiseLevel level)
    {
        var (alpha, sigma) = level;
        double variance = sigma * sigma + alpha * alpha * DataScale * DataScale;
        double deviation = Math.Sqrt(variance);
        return new Preconditioning(alpha * DataScale * DataScale / variance, sigma * DataScale / deviation, 1 / deviation);
    }
}
