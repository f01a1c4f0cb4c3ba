namespace Microsoft.ML.Diffusion;

/// <summary>
/// A transformer block of a latent diffusion U-Net: tokens of the picture attend to each other, then queries from the picture attend to keys and values from the condition (Rombach et al. 2022,
/// arXiv:2112.10752, section 3.3), then a gated feed-forward layer. Names and arithmetic of diffusers' <c>BasicTransformerBlock</c>.
/// </summary>
/// <param name="Heads">The number of heads.</param>
/// <param name="OnlyCross">Whether the first attention is to the condition as well.</param>
internal readonly record struct TransformerBlock(int Heads, bool OnlyCross)
{
    private const int Expansion = 4;

    /// <summary>[B, L, C] → [B, L, C].</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="tokens">[B, L, C].</param>
    /// <param name="context">The condition, [B, M, D].</param>
    /// <param name="mask">1 where a token of the condition is there: [B, M], Float32.</param>
    /// <param name="name">The name of the block.</param>
    public T Forward<T>(IOps<T> ops, T tokens, T context, T mask, string name)
    {
        int width = ops.Size(tokens, 2);
        var attention = new MultiHeadAttention(Heads, width / Heads, Bias: false);
        var normal = ops.LayerNorm(tokens, name + ".norm1");
        tokens = ops.Add(tokens, OnlyCross ? attention.Cross(ops, normal, context, mask, name + ".attn1") : attention.Self(ops, normal, name + ".attn1"));
        normal = ops.LayerNorm(tokens, name + ".norm2");
        tokens = ops.Add(tokens, attention.Cross(ops, normal, context, mask, name + ".attn2"));
        normal = ops.LayerNorm(tokens, name + ".norm3");
        return ops.Add(tokens, Gated(ops, normal, name + ".ff.net", width));
    }

    // GEGLU (Shazeer 2020, arXiv:2002.05202, section 2): half of the features gates the other.
    private static T Gated<T>(IOps<T> ops, T tokens, string name, int width)
    {
        var features = ops.Linear(tokens, name + ".0.proj", 2 * Expansion * width);
        var value = ops.Slice(features, 2, 0, Expansion * width);
        var gate = ops.Gelu(ops.Slice(features, 2, Expansion * width, Expansion * width));
        return ops.Linear(ops.Multiply(value, gate), name + ".2", width);
    }
}
