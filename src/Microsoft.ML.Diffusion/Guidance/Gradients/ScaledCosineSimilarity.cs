using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>The cosine of the angle between two vectors, times e^logScale: the logit of a contrastive model (Radford et al. 2021, arXiv:2103.00020).</summary>
/// <param name="logScale">The logarithm of the factor, CLIP's logit scale; finite. 0 unless given.</param>
public sealed class ScaledCosineSimilarity(double logScale = 0) : Similarity
{
    /// <summary>The logarithm of the factor.</summary>
    public double LogScale { get; } = GuidanceScale.Check(logScale, "The logarithm of the scale");

    private protected override Tensor OfUnits(Tensor a, Tensor b)
    {
        using var cosines = RowSums.OfProduct(a, b);
        return cosines.Times(Math.Exp(LogScale));
    }
}
