namespace Microsoft.ML.Diffusion;

/// <summary>Halves and doubles the size of pictures with a convolution. Names and arithmetic of diffusers' <c>Downsample2D</c> and <c>Upsample2D</c>.</summary>
internal static class PictureResize
{
    private const int KernelSize = 3;

    /// <summary>A convolution of stride 2.</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="name">The name of the block that it ends.</param>
    /// <param name="padding">1 for zeros all around, or 0 for zeros below and to the right alone.</param>
    public static T Halve<T>(IOps<T> ops, T x, string name, int padding = 1)
    {
        name += ".downsamplers.0.conv";
        int channels = ops.Size(x, 1);
        return padding == 0
            ? ops.Conv2d(ops.Pad(ops.Pad(x, 2, 0, 1), 3, 0, 1), name, channels, KernelSize, stride: 2, padding: 0)
            : ops.Conv2d(x, name, channels, KernelSize, stride: 2);
    }

    /// <summary>Nearest-neighbour resizing, then a convolution.</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="name">The name of the block that it ends.</param>
    /// <param name="height">The new height: that of the skip, which is not always twice the old one.</param>
    /// <param name="width">The new width.</param>
    public static T Grow<T>(IOps<T> ops, T x, string name, int height, int width)
    {
        int channels = ops.Size(x, 1);
        return ops.Conv2d(ops.ResizeNearest(x, height, width), name + ".upsamplers.0.conv", channels, KernelSize);
    }
}
