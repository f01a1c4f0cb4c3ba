namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Resizes pictures of numbers by linear interpolation along both axes, whose support grows with the reduction; at the same size they stay as they are.</summary>
/// <remarks>Not thread safe.</remarks>
/// <param name="source">The shape before.</param>
/// <param name="target">The shape after; the same channels.</param>
internal sealed class PictureResizer(DataShape source, DataShape target)
{
    private readonly (int First, float[] Weights)[] _rows = ResizeFilter.Of(source.Dimensions[1], target.Dimensions[1], Triangle, radius: 1);
    private readonly (int First, float[] Weights)[] _columns = ResizeFilter.Of(source.Dimensions[2], target.Dimensions[2], Triangle, radius: 1);
    private readonly float[] _narrow = new float[source.Dimensions[1] * target.Dimensions[2]];

    /// <summary>Resizes a picture.</summary>
    /// <param name="from">Its values, channel by channel, line by line.</param>
    /// <param name="to">Where the result goes.</param>
    public void Resize(ReadOnlySpan<float> from, Span<float> to)
    {
        if (source.Equals(target))
        {
            from.CopyTo(to);
            return;
        }
        int height = source.Dimensions[1], width = source.Dimensions[2], columns = _columns.Length;
        for (int channel = 0; channel < source.Dimensions[0]; channel++)
        {
            var plane = from.Slice(channel * height * width, height * width);
            var result = to.Slice(channel * _rows.Length * columns, _rows.Length * columns);
            for (int y = 0; y < height; y++)
                for (int x = 0; x < columns; x++)
                    _narrow[y * columns + x] = Mean(plane[(y * width)..], _columns[x], 1);
            for (int y = 0; y < _rows.Length; y++)
                for (int x = 0; x < columns; x++)
                    result[y * columns + x] = Mean(_narrow.AsSpan(x), _rows[y], columns);
        }
    }

    private static float Mean(ReadOnlySpan<float> values, (int First, float[] Weights) filter, int stride)
    {
        float sum = 0;
        for (int i = 0; i < filter.Weights.Length; i++)
            sum += filter.Weights[i] * values[(filter.First + i) * stride];
        return sum;
    }

    private static double Triangle(double x) => Math.Max(0, 1 - Math.Abs(x));
}
