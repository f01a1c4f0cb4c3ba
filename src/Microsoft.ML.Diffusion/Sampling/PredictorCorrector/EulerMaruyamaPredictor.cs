namespace Microsoft.ML.Diffusion;

/// <summary>
/// Euler and Maruyama's step of the reverse SDE dx = (f·x − g²·s) dt + g dw, from the schedule's own f and g² (Song et al. 2021, arXiv:2011.13456,
/// eq. 6 and 13). Order 1, in the schedule's time: it wants many steps where the schedule is steep.
/// </summary>
/// <param name="probabilityFlow">Whether to follow the probability-flow ODE, without noise.</param>
public sealed class EulerMaruyamaPredictor(bool probabilityFlow = false) : IPredictor
{
    /// <summary>Whether to follow the probability-flow ODE, without noise.</summary>
    public bool ProbabilityFlow { get; } = probabilityFlow;

    /// <inheritdoc/>
    public (LinearExpression Mean, double Deviation) Predict(PredictorCorrectorStep step, LinearExpression x)
    {
        ArgumentNullException.ThrowIfNull(step);
        var (drift, diffusionSquared) = step.Sde;
        double dt = step.Link.Duration;
        return ReverseStep.Of(new SdeStep(drift * dt, Math.Sqrt(diffusionSquared * dt)), ProbabilityFlow, step, x);
    }
}
