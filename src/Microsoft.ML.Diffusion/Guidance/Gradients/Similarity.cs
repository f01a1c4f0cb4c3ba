using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>How alike two vectors are, whatever their lengths. A new one is one class, one line in the list of kinds below, and one of <see cref="KnownSimilarities"/>.</summary>
/// <remarks>Immutable and thread safe.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ScaledCosineSimilarity), "cosine")]
[JsonDerivedType(typeof(SphericalSimilarity), "spherical")]
public abstract class Similarity
{
    /// <summary>The similarity of each row, the larger the more alike: a fresh tensor [B], through which gradients flow.</summary>
    /// <param name="a">Vectors [B, size].</param>
    /// <param name="b">Vectors [B, size].</param>
    public Tensor Of(Tensor a, Tensor b)
    {
        using var unitA = nn.functional.normalize(a);
        using var unitB = nn.functional.normalize(b);
        return OfUnits(unitA, unitB);
    }

    /// <summary>The similarity of each row of vectors of length 1.</summary>
    private protected abstract Tensor OfUnits(Tensor a, Tensor b);
}
