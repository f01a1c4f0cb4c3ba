namespace Microsoft.ML.Diffusion;

/// <summary>
/// The variance-preserving path with α = 1 − t, σ = √(1 − α²) from data to pure noise (the linear VP scheduler of Lipman et al. 2024,
/// arXiv:2412.06264, section 4).
/// </summary>
/// <param name="density">From which density training draws its times; uniform unless given.</param>
public sealed class LinearVpFlowSchedule(TimeDensity? density = null) : FlowSchedule(density)
{
    /// <inheritdoc/>
    public override NoiseLevel At(double t) => new(1 - t, Math.Sqrt(t * (2 - t)));

    /// <inheritdoc/>
    /// <remarks>dσ/dt is infinite at t = 0.</remarks>
    public override LevelDerivative DerivativeAt(double t)
    {
        var (alpha, sigma) = At(t);
        return new LevelDerivative(-1, alpha / sigma);
    }

    /// <inheritdoc/>
    public override double TimeOf(double logSnr)
    {
        // 1 − α, in the form that keeps its digits near the data.
        var (alpha, sigma) = NoiseLevel.FromLambda(logSnr / 2);
        return sigma * sigma / (1 + alpha);
    }
}
