namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Resizes one channel by bicubic interpolation whose support grows with the reduction, so that nothing aliases.</summary>
/// <remarks>Keys 1981, a = −1/2; separable, in float, the same on every machine. Pixel centres lie at half numbers.</remarks>
internal static class Resampler
{
    /// <summary>Resizes a rectangle of a plane.</summary>
    /// <param name="source">The plane, row by row.</param>
    /// <param name="sourceWidth">The length of its rows.</param>
    /// <param name="left">The first column of the rectangle.</param>
    /// <param name="top">The first row of the rectangle.</param>
    /// <param name="cropWidth">The width of the rectangle.</param>
    /// <param name="cropHeight">The height of the rectangle.</param>
    /// <param name="target">Where the result goes, row by row.</param>
    /// <param name="width">The width of the result.</param>
    /// <param name="height">The height of the result.</param>
    public static void Resize(
        ReadOnlySpan<byte> source, int sourceWidth, int left, int top, int cropWidth, int cropHeight, Span<byte> target, int width, int height)
    {
        (int First, float[] Weights)[] columns = ResizeFilter.Of(cropWidth, width, Cubic, radius: 2);
        (int First, float[] Weights)[] rows = ResizeFilter.Of(cropHeight, height, Cubic, radius: 2);
        float[] narrow = new float[cropHeight * width];
        for (int y = 0; y < cropHeight; y++)
        {
            ReadOnlySpan<byte> line = source.Slice((top + y) * sourceWidth + left, cropWidth);
            for (int x = 0; x < width; x++)
            {
                (int first, float[] weights) = columns[x];
                float sum = 0;
                for (int i = 0; i < weights.Length; i++)
                    sum += weights[i] * line[first + i];
                narrow[y * width + x] = sum;
            }
        }
        for (int y = 0; y < height; y++)
        {
            (int first, float[] weights) = rows[y];
            for (int x = 0; x < width; x++)
            {
                float sum = 0;
                for (int i = 0; i < weights.Length; i++)
                    sum += weights[i] * narrow[(first + i) * width + x];
                target[y * width + x] = (byte)Math.Clamp(MathF.Round(sum), 0, 255);
            }
        }
    }

    private static double Cubic(double x)
    {
        x = Math.Abs(x);
        return x < 1 ? (1.5 * x - 2.5) * x * x + 1
            : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2
            : 0;
    }
}
