namespace Microsoft.ML.Diffusion;

/// <summary>
/// One step of a Markov chain: a proposal, taken with the probability min(1, p(y)·q(x|y) / (p(x)·q(y|x))) of Metropolis and Hastings (Hastings 1970,
/// doi:10.1093/biomet/57.1.97), which leaves the density exactly as it is; or always, which leaves it nearly so.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
/// <param name="proposal">The proposal.</param>
/// <param name="adjusted">Whether proposals may be refused. True unless given; false with a Langevin proposal is the unadjusted Langevin algorithm.</param>
public sealed class MarkovKernel(IProposal proposal, bool adjusted = true)
{
    /// <summary>The proposal.</summary>
    public IProposal Proposal { get; } = proposal ?? throw new ArgumentNullException(nameof(proposal));

    /// <summary>Whether proposals may be refused.</summary>
    public bool Adjusted { get; } = adjusted || proposal.UsesScore
        ? adjusted
        : throw new ArgumentException("A proposal that knows nothing of the density must be adjusted, else the chain never meets it.", nameof(adjusted));

    /// <summary>The kernel for a density that is wider by a factor.</summary>
    /// <param name="factor">The factor; positive.</param>
    public MarkovKernel Widen(double factor) => new(Proposal.Widen(factor), Adjusted);
}
