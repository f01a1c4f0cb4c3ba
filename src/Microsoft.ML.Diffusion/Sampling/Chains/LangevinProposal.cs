using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// A step of Langevin dynamics, y = x + ε/2·∇ ln p(x) + √ε·z. Adjusted by acceptance it is MALA, unadjusted ULA (Roberts and Tweedie 1996,
/// doi:10.2307/3318418).
/// </summary>
/// <param name="stepSize">ε; positive. A chain is stable below four times the smallest variance of the density.</param>
public sealed class LangevinProposal(double stepSize) : IProposal
{
    /// <summary>ε.</summary>
    public double StepSize { get; } = ProposalOptions.CheckPositive(stepSize, nameof(stepSize));

    double IProposal.Deviation => Math.Sqrt(StepSize);

    bool IProposal.UsesScore => true;

    /// <inheritdoc/>
    public Tensor Mean(Tensor x, Tensor? score)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(score);
        return score.Times(StepSize / 2).PlusInPlace(x);
    }

    /// <inheritdoc/>
    public IProposal Widen(double factor) => new LangevinProposal(factor * factor * StepSize);
}
