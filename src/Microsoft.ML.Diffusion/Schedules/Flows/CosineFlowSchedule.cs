namespace Microsoft.ML.Diffusion;

/// <summary>
/// The quarter circle α = cos(πt/2), σ = sin(πt/2) from data to pure noise (Albergo and Vanden-Eijnden 2023, arXiv:2209.15571; the GVP path of SiT,
/// Ma et al. 2024, arXiv:2401.08740). Variance-preserving; its v is the velocity, up to π/2.
/// </summary>
/// <param name="density">From which density training draws its times; uniform unless given.</param>
public sealed class CosineFlowSchedule(TimeDensity? density = null) : FlowSchedule(density)
{
    /// <inheritdoc/>
    public override NoiseLevel At(double t) => new(double.CosPi(t / 2), double.SinPi(t / 2));

    /// <inheritdoc/>
    public override LevelDerivative DerivativeAt(double t)
    {
        var (alpha, sigma) = At(t);
        return new LevelDerivative(-Math.PI / 2 * sigma, Math.PI / 2 * alpha);
    }

    /// <inheritdoc/>
    public override double TimeOf(double logSnr) => Math.Atan(Math.Exp(-logSnr / 2)) * 2 / Math.PI;
}
