namespace Microsoft.ML.Diffusion;

/// <summary>
/// Reverse diffusion: each step of the forward chain turned round, x − f·x + G²·s + G·z (Song et al. 2021, arXiv:2011.13456, eq. 46, and 49
/// for the probability flow). Order 1.
/// </summary>
/// <param name="probabilityFlow">Whether to follow the probability-flow ODE, without noise.</param>
public sealed class ReverseDiffusionPredictor(bool probabilityFlow = false) : IPredictor
{
    /// <summary>Whether to follow the probability-flow ODE, without noise.</summary>
    public bool ProbabilityFlow { get; } = probabilityFlow;

    /// <inheritdoc/>
    public (LinearExpression Mean, double Deviation) Predict(PredictorCorrectorStep step, LinearExpression x)
    {
        ArgumentNullException.ThrowIfNull(step);
        return ReverseStep.Of(step.Link.Step, ProbabilityFlow, step, x);
    }
}
