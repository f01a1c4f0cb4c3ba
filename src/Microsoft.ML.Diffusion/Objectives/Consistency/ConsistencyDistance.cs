using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>How far the answers of a consistency function are apart. A new one is one class and one line in the list of kinds below.</summary>
/// <remarks>Immutable and thread safe.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(PseudoHuberDistance), "pseudo-huber")]
[JsonDerivedType(typeof(SquaredDistance), "squared")]
[JsonDerivedType(typeof(AbsoluteDistance), "absolute")]
public abstract class ConsistencyDistance
{
    /// <summary>The distance of each row: [B], a fresh tensor.</summary>
    /// <param name="a">The one [B, ...].</param>
    /// <param name="b">The other [B, ...].</param>
    public abstract Tensor OfRows(Tensor a, Tensor b);
}
