using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A random walk, y = x + s·z (Metropolis et al. 1953, doi:10.1063/1.1699114): symmetric, needs no score.</summary>
/// <param name="deviation">s, the standard deviation of the walk's steps; positive.</param>
public sealed class RandomWalkProposal(double deviation) : IProposal
{
    /// <summary>s, the standard deviation of the walk's steps.</summary>
    public double Deviation { get; } = ProposalOptions.CheckPositive(deviation, nameof(deviation));

    bool IProposal.UsesScore => false;

    /// <inheritdoc/>
    public Tensor Mean(Tensor x, Tensor? score)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.clone();
    }

    /// <inheritdoc/>
    public IProposal Widen(double factor) => new RandomWalkProposal(factor * Deviation);
}
