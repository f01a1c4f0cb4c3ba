namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Augments pictures. What happens to one follows from the seed and its position in the run alone.</summary>
/// <remarks>Not thread safe.</remarks>
internal sealed class PictureAugmenter(PictureAugmentation options, DataShape shape, ulong seed)
{
    private const double RandomAxis = 0.5;

    private readonly int _height = shape.Dimensions[1], _width = shape.Dimensions[2];
    private float[] _source = new float[shape.Size];
    private readonly double[] _uniform = new double[10];
    private readonly float[] _normal = new float[4];

    /// <summary>Augments a picture in place.</summary>
    /// <param name="position">Its position in the run.</param>
    /// <param name="picture">Channel by channel, line by line.</param>
    /// <param name="label">The nine numbers that tell of it; missing where nothing was done.</param>
    /// <returns>What was done, from places of the result to places of the picture, both from its middle; null for nothing.</returns>
    public AffineMap? Apply(long position, Span<float> picture, Span<float> label)
    {
        label.Clear();
        var map = Draw(position, label);
        if (!label.ContainsAnyExcept(0f))
        {
            label.Fill(float.NaN);
            return null;
        }
        Warp(map, picture);
        return map;
    }

    // The map from places of the result to places of the picture, both from its middle.
    private AffineMap Draw(long position, Span<float> label)
    {
        var key = new RowKey((ulong)position, DrawKeys.Augmentation);
        RowNoise.FillUniform(_uniform, seed, key, 0);
        RowNoise.FillNormal(_normal, seed, key, 1);
        var map = AffineMap.Identity;
        if (options.HorizontalFlips && _uniform[0] < 0.5)
        {
            label[0] = 1;
            map = map.After(AffineMap.Scale(-1, 1));
        }
        if (options.VerticalFlips && Applies(1) && _uniform[2] < 0.5)
        {
            label[1] = 1;
            map = map.After(AffineMap.Scale(1, -1));
        }
        if (options.Scale > 0 && Applies(3))
        {
            label[2] = _normal[0];
            double factor = double.Exp2(_normal[0] * options.Scale);
            map = map.After(AffineMap.Scale(1 / factor, 1 / factor));
        }
        if (options.Rotation > 0 && Applies(4))
        {
            double angle = (2 * _uniform[5] - 1) * Math.PI * options.Rotation;
            (label[3], label[4]) = ((float)(Math.Cos(angle) - 1), (float)Math.Sin(angle));
            map = map.After(AffineMap.Rotation(angle));
        }
        if (options.Stretch > 0 && Applies(6))
        {
            double axis = _uniform[7] < RandomAxis ? (2 * _uniform[8] - 1) * Math.PI : 0, factor = double.Exp2(_normal[1] * options.Stretch);
            (label[5], label[6]) = ((float)(_normal[1] * Math.Cos(axis)), (float)(_normal[1] * Math.Sin(axis)));
            map = map.After(AffineMap.Rotation(-axis)).After(AffineMap.Scale(1 / factor, factor)).After(AffineMap.Rotation(axis));
        }
        if (options.Shift > 0 && Applies(9))
        {
            (label[7], label[8]) = (_normal[2], _normal[3]);
            map = map.After(AffineMap.Translation(-_normal[2] * options.Shift * _width, -_normal[3] * options.Shift * _height));
        }
        return map;
    }

    private bool Applies(int draw) => _uniform[draw] < options.Probability;

    /// <summary>Does to a picture, in place, what <see cref="Apply"/> did to another one of its height and width.</summary>
    /// <param name="map">What was done.</param>
    /// <param name="picture">Channel by channel, line by line.</param>
    public void Warp(AffineMap map, Span<float> picture)
    {
        if (_source.Length < picture.Length)
            _source = new float[picture.Length];
        picture.CopyTo(_source);
        int channels = picture.Length / (_height * _width);
        double middleX = (_width - 1) / 2.0, middleY = (_height - 1) / 2.0;
        for (int row = 0; row < _height; row++)
        {
            for (int column = 0; column < _width; column++)
            {
                var (x, y) = map.Of(column - middleX, row - middleY);
                Sample(x + middleX, y + middleY, channels, picture[(row * _width + column)..]);
            }
        }
    }

    // The value between four pixels, for each channel.
    private void Sample(double x, double y, int channels, Span<float> result)
    {
        int left = (int)Math.Floor(x), top = (int)Math.Floor(y);
        float right = (float)(x - left), bottom = (float)(y - top);
        int x0 = Reflected(left, _width), x1 = Reflected(left + 1, _width), y0 = Reflected(top, _height) * _width, y1 = Reflected(top + 1, _height) * _width;
        for (int channel = 0; channel < channels; channel++)
        {
            var plane = _source.AsSpan(channel * _height * _width, _height * _width);
            float above = plane[y0 + x0] + right * (plane[y0 + x1] - plane[y0 + x0]);
            float below = plane[y1 + x0] + right * (plane[y1 + x1] - plane[y1 + x0]);
            result[channel * _height * _width] = above + bottom * (below - above);
        }
    }

    // 0, 1, 2, ..., n − 1, n − 2, ..., 1, 0, 1, ...
    private static int Reflected(int place, int size)
    {
        if (size == 1)
            return 0;
        int period = 2 * (size - 1);
        int within = Math.Abs(place % period);
        return within < size ? within : period - within;
    }
}
