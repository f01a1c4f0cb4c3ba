using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Maps noisy data to vectors in which what is alike lies close, such as the image side of CLIP (Radford et al. 2021, arXiv:2103.00020).</summary>
/// <remarks>Immutable and thread safe; holds shares of its networks, which whoever made it gives back.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(NoisyEncoder), "noisy")]
[JsonDerivedType(typeof(TorchScriptEncoder), "torchscript")]
public interface IEncoder
{
    /// <summary>The length of the vectors; at least 1.</summary>
    int Size { get; }

    /// <summary>The networks that it asks.</summary>
    [JsonIgnore]
    IEnumerable<TrainedNetwork> Networks => [];

    /// <summary>The TorchScript that it calls.</summary>
    [JsonIgnore]
    internal IEnumerable<TorchScriptFunction> Scripts => [];

    /// <summary>The vectors of a batch.</summary>
    /// <param name="x">The noisy batch x [B, ...].</param>
    /// <param name="levels">The noise level of each row.</param>
    /// <returns>Vectors [B, <see cref="Size"/>] of length 1, a fresh tensor through which gradients flow to x where they are recorded.</returns>
    Tensor Embed(Tensor x, NoiseLevels levels);
}
