namespace Microsoft.ML.Diffusion;

/// <summary>Pixels as tokens, and back.</summary>
internal static class PictureTokens
{
    /// <summary>[B, C, H, W] → [B, H·W, C].</summary>
    public static T Of<T>(IOps<T> ops, T x)
        => ops.Transpose(ops.Reshape(x, ops.Size(x, 1), ops.Size(x, 2) * ops.Size(x, 3)), 1, 2);

    /// <summary>[B, H·W, C] → [B, C, H, W].</summary>
    public static T Picture<T>(IOps<T> ops, T tokens, int height, int width)
    {
        int channels = ops.Size(tokens, 2);
        return ops.Reshape(ops.Transpose(tokens, 1, 2), channels, height, width);
    }
}
