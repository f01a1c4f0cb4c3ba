namespace Microsoft.ML.Diffusion;

/// <summary>
/// The scalings that make a denoiser a consistency function, f(x, t) = skip·x + out·x̂0, the identity at time 0 (Song et al. 2023,
/// arXiv:2303.01469, eq. 5 and appendix C; Luo et al. 2023, arXiv:2310.04378, for latent consistency models).
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
/// <param name="dataDeviation">σ_data; positive. 1/2 unless given.</param>
/// <param name="timeScale">
/// The factor of the time, which is in [0, 1]; positive. 9,990 unless given: that of latent consistency models, 10 a step of 1,000.
/// </param>
public sealed class ConsistencyBoundary(double dataDeviation = 0.5, double timeScale = 9990)
{
    /// <summary>σ_data.</summary>
    public double DataDeviation { get; } = dataDeviation > 0 && double.IsFinite(dataDeviation)
        ? dataDeviation
        : throw new ArgumentOutOfRangeException(nameof(dataDeviation), dataDeviation, "The deviation of the data must be positive and finite.");

    /// <summary>The factor of the time.</summary>
    public double TimeScale { get; } = timeScale > 0 && double.IsFinite(timeScale)
        ? timeScale
        : throw new ArgumentOutOfRangeException(nameof(timeScale), timeScale, "The factor of the time must be positive and finite.");

    /// <summary>f(x, t) = σ_data²/(s² + σ_data²)·x + s/√(s² + σ_data²)·x̂0 with s = timeScale·t.</summary>
    internal LinearExpression Apply(double time, LinearExpression x, LinearExpression x0)
    {
        double s = TimeScale * time, variance = DataDeviation * DataDeviation;
        return variance / (s * s + variance) * x + s / Math.Sqrt(s * s + variance) * x0;
    }
}
