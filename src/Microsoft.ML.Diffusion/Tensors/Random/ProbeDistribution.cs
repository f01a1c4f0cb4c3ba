using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Random vectors v with E[v·vᵀ] = I, by which a trace is estimated: E[vᵀ·J·v] = tr J (Hutchinson 1989, doi:10.1080/03610918908812806). A new one is
/// one class and one line in the list of kinds below.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(RademacherProbes), "rademacher")]
[JsonDerivedType(typeof(GaussianProbes), "gaussian")]
[JsonDerivedType(typeof(SphereProbes), "sphere")]
public abstract class ProbeDistribution
{
    /// <summary>A vector for each row: a fresh tensor that the caller owns.</summary>
    /// <param name="noise">The source of random numbers.</param>
    /// <param name="draw">The number of the draw, of normal numbers.</param>
    /// <param name="like">The tensor [B, ...] whose shape, type and device the vectors have.</param>
    public abstract Tensor Draw(INoiseSource noise, int draw, Tensor like);
}
