namespace Microsoft.ML.Diffusion;

/// <summary>
/// Pixels attend to each other, plus the input (Ho et al. 2020, arXiv:2006.11239, appendix B). Names and arithmetic of the attention of diffusers' unconditional blocks.
/// </summary>
/// <param name="HeadWidth">The width of a head; at most the number of channels.</param>
/// <param name="Groups">The number of groups of the normalisation; 0 for no normalisation.</param>
internal readonly record struct PictureAttention(int HeadWidth, int Groups)
{
    /// <summary>Added to the variance.</summary>
    public double Epsilon { get; init; } = 1e-5;

    /// <summary>What the sum of both branches is divided by.</summary>
    public double Divisor { get; init; } = 1;

    /// <summary>[B, C, H, W] → [B, C, H, W].</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="name">The name of the layer.</param>
    public T Forward<T>(IOps<T> ops, T x, string name)
    {
        int channels = ops.Size(x, 1), height = ops.Size(x, 2), width = ops.Size(x, 3);
        var tokens = PictureTokens.Of(ops, Groups > 0 ? ops.GroupNorm(x, name + ".group_norm", Groups, Epsilon) : x);
        var attended = new MultiHeadAttention(channels / HeadWidth, HeadWidth).Self(ops, tokens, name);
        var sum = ops.Add(x, PictureTokens.Picture(ops, attended, height, width));
        return Divisor == 1 ? sum : ops.Scale(sum, 1 / Divisor);
    }
}
