namespace Microsoft.ML.Diffusion;

/// <summary>
/// Rectified flow: the straight path α = 1 − t, σ = t from data to pure noise (Liu et al. 2023, arXiv:2209.03003; Lipman et al. 2023,
/// arXiv:2210.02747, with time turned round), or from data with a little noise of σ_min: σ = σ_min + (1 − σ_min)·t (Lipman et al., eq. 20).
/// </summary>
/// <param name="density">From which density training draws its times; uniform unless given. Stable Diffusion 3 takes the logit-normal one.</param>
/// <param name="sigmaMin">σ_min, the noise at time 0; in [0, 1). 0 unless given.</param>
public sealed class RectifiedFlowSchedule(TimeDensity? density = null, double sigmaMin = 0) : FlowSchedule(density)
{
    /// <summary>σ_min, the noise at time 0.</summary>
    public double SigmaMin { get; } = sigmaMin is >= 0 and < 1
        ? sigmaMin
        : throw new ArgumentOutOfRangeException(nameof(sigmaMin), sigmaMin, "σ_min must be in [0, 1).");

    /// <inheritdoc/>
    public override NoiseLevel At(double t) => new(1 - t, SigmaMin + (1 - SigmaMin) * t);

    /// <inheritdoc/>
    public override LevelDerivative DerivativeAt(double t) => new(-1, 1 - SigmaMin);

    /// <inheritdoc/>
    public override double TimeOf(double logSnr)
    {
        double inverse = Math.Exp(logSnr / 2);
        return double.IsPositiveInfinity(inverse) ? 0 : Math.Max(0, (1 - SigmaMin * inverse) / (1 + (1 - SigmaMin) * inverse));
    }
}
