using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A classifier of noisy data: p(y | x) at every noise level (Dhariwal and Nichol 2021, arXiv:2105.05233, section 4).</summary>
/// <remarks>Immutable and thread safe; holds shares of its networks, which whoever made it gives back.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(NoisyClassifier), "noisy")]
[JsonDerivedType(typeof(TorchScriptClassifier), "torchscript")]
public interface IClassifier
{
    /// <summary>The number of classes; at least 2.</summary>
    int Classes { get; }

    /// <summary>What the classes are, in their order; null where that is not known, so that only keys without values can name them.</summary>
    Vocabulary? Labels => null;

    /// <summary>The networks that it asks.</summary>
    [JsonIgnore]
    IEnumerable<TrainedNetwork> Networks => [];

    /// <summary>The TorchScript that it calls.</summary>
    [JsonIgnore]
    internal IEnumerable<TorchScriptFunction> Scripts => [];

    /// <summary>The probabilities of the classes.</summary>
    /// <param name="x">The noisy batch x [B, ...].</param>
    /// <param name="levels">The noise level of each row.</param>
    /// <returns>Natural logarithms [B, <see cref="Classes"/>], a fresh tensor through which gradients flow to x where they are recorded.</returns>
    Tensor LogProbabilities(Tensor x, NoiseLevels levels);
}
