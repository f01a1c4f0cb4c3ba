namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>The clouds of <see cref="Points"/> as a model sees them, with exact posteriors at every noise level.</summary>
internal sealed class CloudsInModelSpace
{
    private readonly double[] _left, _right, _variance;

    public CloudsInModelSpace(IDataCodec codec)
    {
        float[] left = [.. Points.Left.Select(value => (float)value)], right = [.. Points.Right.Select(value => (float)value)];
        codec.Encode(left);
        codec.Encode(right);
        (_left, _right) = ([.. left.Select(value => (double)value)], [.. right.Select(value => (double)value)]);
        // The codec is an affine map, axis by axis.
        _variance = [.. Enumerable.Range(0, 2).Select(i => Math.Pow(Points.Deviation * (_right[i] - _left[i]) / (Points.Right[i] - Points.Left[i]), 2))];
    }

    /// <summary>Points of both clouds with noise, every other of each.</summary>
    public float[][] Draw(int count, double sigma)
    {
        var noise = new float[2 * count];
        RowNoise.FillNormal(noise, 7, new RowKey(1), 0);
        return [.. Enumerable.Range(0, count).Select(row => Enumerable.Range(0, 2).Select(i => (float)((row % 2 == 0 ? _left[i] : _right[i]) + Math.Sqrt(_variance[i] + sigma * sigma) * noise[2 * row + i])).ToArray())];
    }

    /// <summary>p(left | x) at α = 1: the clouds are as likely as each other.</summary>
    public double Left(float[] x, double sigma)
    {
        double odds = 0;
        for (int i = 0; i < 2; i++)
            odds += (Math.Pow(x[i] - _right[i], 2) - Math.Pow(x[i] - _left[i], 2)) / (2 * (_variance[i] + sigma * sigma));
        return 1 / (1 + Math.Exp(-odds));
    }

    /// <summary>How often the likelier cloud is the right one: Φ of half the distance in standard deviations.</summary>
    public double Accuracy(double sigma)
    {
        double squares = Enumerable.Range(0, 2).Sum(i => Math.Pow(_right[i] - _left[i], 2) / (_variance[i] + sigma * sigma));
        return Normal(Math.Sqrt(squares) / 2);
    }

    // Φ by Simpson's rule: 1e-10 where it matters.
    private static double Normal(double z)
    {
        const int steps = 200;
        double width = z / steps, sum = 0;
        for (int i = 0; i <= steps; i++)
            sum += (i is 0 or steps ? 1 : i % 2 == 1 ? 4 : 2) * Math.Exp(-Math.Pow(i * width, 2) / 2);
        return 0.5 + sum * width / 3 / Math.Sqrt(2 * Math.PI);
    }
}
