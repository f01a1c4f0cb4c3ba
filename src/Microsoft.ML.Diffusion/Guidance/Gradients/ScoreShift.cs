using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The gradient joins the score (Dhariwal and Nichol 2021, arXiv:2105.05233, Algorithm 2): ε̂ = ε − σ·g, so x̂0 moves by (σ²/α)·g. For every sampler. At pure noise (α = 0), which knows
/// nothing of the data, it does nothing.
/// </summary>
public sealed class ScoreShift : GuidanceShift
{
    /// <inheritdoc/>
    public override Tensor Of(Tensor gradient, in StepContext step, Tensor? logVariance)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        return step.Level.Multiply(gradient, level => level.Alpha == 0 ? 0 : level.Sigma * level.Sigma / level.Alpha);
    }
}
