namespace Microsoft.ML.Diffusion;

/// <summary>
/// Rectified flow: the straight path α = 1 − t, σ = t from data to pure noise (Liu et al. 2023, arXiv:2209.03003; Lipman et al. 2023,
/// arXiv:2210.02747, with time turned round).
/// </summary>
/// <param name="density">From which density training draws its times; uniform unless given. Stable Diffusion 3 takes the logit-normal one.</param>
public sealed class RectifiedFlowSchedule(TimeDensity? density = null) : FlowSchedule(density)
{
    /// <inheritdoc/>
    public override NoiseLevel At(double t) => new(1 - t, t);

    /// <inheritdoc/>
    public override LevelDerivative DerivativeAt(double t) => new(-1, 1);

    /// <inheritdoc/>
    public override double TimeOf(double logSnr) => 1 / (1 + Math.Exp(logSnr / 2));
}
