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
        (int First, float[] Weights)[] columns = Filter(cropWidth, width);
        (int First, float[] Weights)[] rows = Filter(cropHeight, height);
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

    private static (int First, float[] Weights)[] Filter(int from, int to)
    {
        double scale = (double)from / to;
        double stretch = Math.Max(scale, 1);
        var filter = new (int, float[])[to];
        for (int i = 0; i < to; i++)
        {
            double centre = (i + 0.5) * scale;
            int first = Math.Max(0, (int)Math.Floor(centre - 2 * stretch));
            int last = Math.Min(from, (int)Math.Ceiling(centre + 2 * stretch));
            double[] weights = [.. Enumerable.Range(first, last - first).Select(j => Cubic((j + 0.5 - centre) / stretch))];
            double sum = weights.Sum();
            filter[i] = (first, [.. weights.Select(weight => (float)(weight / sum))]);
        }
        return filter;
    }

    private static double Cubic(double x)
    {
        x = Math.Abs(x);
        return x < 1 ? (1.5 * x - 2.5) * x * x + 1
            : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2
            : 0;
    }
}
