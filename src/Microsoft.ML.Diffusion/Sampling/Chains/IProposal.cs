using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Where a Markov chain would go next: a Gaussian around a mean that depends on the state, q(y|x) = N(y; mean(x), s²·I).</summary>
/// <remarks>Immutable and thread safe. A new proposal is one class and one line in the list of kinds below, under which it is stored in model files.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(RandomWalkProposal), "random-walk")]
[JsonDerivedType(typeof(LangevinProposal), "langevin")]
[JsonDerivedType(typeof(AutoregressiveProposal), "autoregressive")]
public interface IProposal
{
    /// <summary>Whether the mean depends on the score.</summary>
    bool UsesScore { get; }

    /// <summary>s, the standard deviation around the mean.</summary>
    double Deviation { get; }

    /// <summary>The mean of the proposal.</summary>
    /// <param name="x">The states x [B, ...].</param>
    /// <param name="score">∇ ln p(x) [B, ...]; null unless <see cref="UsesScore"/>.</param>
    /// <returns>[B, ...], a fresh tensor that the caller owns.</returns>
    Tensor Mean(Tensor x, Tensor? score);

    /// <summary>The proposal for a density that is wider by a factor.</summary>
    /// <param name="factor">The factor; positive.</param>
    IProposal Widen(double factor);
}
