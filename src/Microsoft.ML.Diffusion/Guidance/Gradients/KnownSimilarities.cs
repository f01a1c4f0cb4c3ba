namespace Microsoft.ML.Diffusion;

/// <summary>Measures of how alike two vectors are.</summary>
public static class KnownSimilarities
{
    /// <summary>The cosine of the angle.</summary>
    public static Similarity Cosine { get; } = new ScaledCosineSimilarity();

    /// <summary>Minus half the square of the angle.</summary>
    public static Similarity Spherical { get; } = new SphericalSimilarity();
}
