namespace Microsoft.ML.Diffusion;

/// <summary>
/// Transformer blocks over the pixels of a picture, plus the input (Rombach et al. 2022, arXiv:2112.10752, appendix E). Names and arithmetic of diffusers' <c>Transformer2DModel</c> for
/// pictures.
/// </summary>
/// <param name="Blocks">The number of transformer blocks.</param>
/// <param name="Block">The block.</param>
/// <param name="Groups">The number of groups of the normalisation.</param>
/// <param name="Linear">Whether the layers around the blocks are linear, instead of convolutions: the same numbers in other shapes.</param>
internal readonly record struct PictureTransformer(int Blocks, TransformerBlock Block, int Groups, bool Linear)
{
    private const double Epsilon = 1e-6;

    /// <summary>[B, C, H, W] → [B, C, H, W].</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="context">The condition, [B, M, D].</param>
    /// <param name="mask">1 where a token of the condition is there: [B, M], Float32.</param>
    /// <param name="name">The name of the layer.</param>
    public T Forward<T>(IOps<T> ops, T x, T context, T mask, string name)
    {
        int channels = ops.Size(x, 1), height = ops.Size(x, 2), width = ops.Size(x, 3);
        var h = ops.GroupNorm(x, name + ".norm", Groups, Epsilon);
        var tokens = Linear
            ? ops.Linear(PictureTokens.Of(ops, h), name + ".proj_in", channels)
            : PictureTokens.Of(ops, ops.Conv2d(h, name + ".proj_in", channels, kernel: 1));
        for (int i = 0; i < Blocks; i++)
            tokens = Block.Forward(ops, tokens, context, mask, $"{name}.transformer_blocks.{i}");
        h = Linear
            ? PictureTokens.Picture(ops, ops.Linear(tokens, name + ".proj_out", channels), height, width)
            : ops.Conv2d(PictureTokens.Picture(ops, tokens, height, width), name + ".proj_out", channels, kernel: 1);
        return ops.Add(h, x);
    }
}
