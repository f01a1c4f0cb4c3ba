namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>What each place along an axis of a resized picture is a mean of.</summary>
/// <remarks>Pixel centres lie at half numbers; the kernel grows with the reduction, so that nothing aliases.</remarks>
internal static class ResizeFilter
{
    /// <summary>For each place of the result the first place that counts, and the weights from there on, of sum 1.</summary>
    /// <param name="from">The size before.</param>
    /// <param name="to">The size after.</param>
    /// <param name="kernel">The weight of a distance in pixels.</param>
    /// <param name="radius">The distance from which on the kernel is 0.</param>
    public static (int First, float[] Weights)[] Of(int from, int to, Func<double, double> kernel, double radius)
    {
        double scale = (double)from / to;
        double stretch = Math.Max(scale, 1);
        var filter = new (int, float[])[to];
        for (int i = 0; i < to; i++)
        {
            double centre = (i + 0.5) * scale;
            int first = Math.Max(0, (int)Math.Floor(centre - radius * stretch));
            int last = Math.Min(from, (int)Math.Ceiling(centre + radius * stretch));
            double[] weights = [.. Enumerable.Range(first, last - first).Select(j => kernel((j + 0.5 - centre) / stretch))];
            double sum = weights.Sum();
            filter[i] = (first, [.. weights.Select(weight => (float)(weight / sum))]);
        }
        return filter;
    }
}
