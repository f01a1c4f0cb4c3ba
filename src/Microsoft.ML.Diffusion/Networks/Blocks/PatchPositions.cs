namespace Microsoft.ML.Diffusion;

/// <summary>Where a patch lies, as sines and cosines of its column and its row (He et al. 2022, arXiv:2111.06377, as Peebles and Xie 2023, arXiv:2212.09748, use it).</summary>
internal static class PatchPositions
{
    private const double Span = 10000;

    /// <summary>[rows·columns, width] in row-major order: sines and cosines of the column, then of the row.</summary>
    /// <param name="rows">The number of patches in height.</param>
    /// <param name="columns">The number of patches in width.</param>
    /// <param name="width">The number of features; a multiple of 4.</param>
    /// <param name="scale">What positions are divided by.</param>
    public static float[] Of(int rows, int columns, int width, double scale)
    {
        int quarter = width / 4;
        var features = new float[rows * columns * width];
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++)
            {
                var place = features.AsSpan((row * columns + column) * width, width);
                for (int i = 0; i < quarter; i++)
                {
                    double frequency = Math.Pow(Span, -(double)i / quarter) / scale;
                    (double sine, double cosine) = Math.SinCos(column * frequency);
                    (place[i], place[quarter + i]) = ((float)sine, (float)cosine);
                    (sine, cosine) = Math.SinCos(row * frequency);
                    (place[2 * quarter + i], place[3 * quarter + i]) = ((float)sine, (float)cosine);
                }
            }
        return features;
    }
}
