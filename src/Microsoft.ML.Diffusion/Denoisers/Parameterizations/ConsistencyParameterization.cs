namespace Microsoft.ML.Diffusion;

/// <summary>
/// A consistency function: EDM's preconditioning, bent so that at the cleanest level r_min the answer is the state itself whatever the network says (Song et al. 2023,
/// arXiv:2303.01469, appendix C, for any (α, σ)): with r = σ/α, skip = σ_data²/((r − r_min)² + σ_data²) and out = σ_data·(r − r_min)/√(r² + σ_data²) of the state x/α.
/// </summary>
/// <remarks>No target for regression: at r_min the network is not asked at all. Trained to agree with itself along the flow.</remarks>
/// <param name="dataScale">σ_data, the standard deviation of the data in model space; positive, finite. 0.5 unless given.</param>
/// <param name="ratioMin">r_min = σ/α of the cleanest level; not negative, finite. 0.002 unless given.</param>
public sealed class ConsistencyParameterization(double dataScale = 0.5, double ratioMin = 0.002) : Parameterization
{
    /// <summary>σ_data, the standard deviation of the data in model space.</summary>
    public double DataScale { get; } = dataScale > 0 && double.IsFinite(dataScale)
        ? dataScale
        : throw new ArgumentOutOfRangeException(nameof(dataScale), dataScale, "The scale of the data must be positive and finite.");

    /// <summary>r_min = σ/α of the cleanest level.</summary>
    public double RatioMin { get; } = ratioMin >= 0 && double.IsFinite(ratioMin)
        ? ratioMin
        : throw new ArgumentOutOfRangeException(nameof(ratioMin), ratioMin, "The smallest ratio must be finite and not negative.");

    /// <inheritdoc/>
    public override Preconditioning At(NoiseLevel level)
    {
        // All of it times α, so that pure noise is no special case.
        var (alpha, sigma) = level;
        double data = alpha * DataScale, above = sigma - alpha * RatioMin, deviation = Math.Sqrt(sigma * sigma + data * data);
        return new Preconditioning(data * DataScale / (above * above + data * data), above * DataScale / deviation, 1 / deviation);
    }
}
