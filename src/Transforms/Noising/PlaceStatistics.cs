namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Means and deviations of vectors, for each place on its own or for all places together, in one pass.</summary>
/// <param name="places">The length of the vectors, or 1 to put all their values together.</param>
internal sealed class PlaceStatistics(int places)
{
    private readonly double[] _shifts = new double[places];
    private readonly double[] _sums = new double[places];
    private readonly double[] _squares = new double[places];
    private long _rows;
    private long _pooled;

    /// <summary>The deviation of all values together.</summary>
    public double PooledDeviation => Deviation(_sums[0], _squares[0], _pooled);

    /// <summary>Adds a vector.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        if (_rows++ == 0)
        {
            // Shifted by the first row: no digits are lost where the mean is large.
            for (int i = 0; i < places; i++)
                _shifts[i] = row[i];
        }
        if (places == 1)
        {
            AddPooled(row);
            return;
        }
        for (int i = 0; i < row.Length; i++)
        {
            double difference = row[i] - _shifts[i];
            _sums[i] += difference;
            _squares[i] += difference * difference;
        }
    }

    /// <summary>The mean and the deviation of each place.</summary>
    public (float[] Means, float[] Deviations) MeansAndDeviations()
    {
        var means = new float[places];
        var deviations = new float[places];
        long count = places == 1 ? _pooled : _rows;
        for (int i = 0; i < places; i++)
        {
            means[i] = (float)(_shifts[i] + _sums[i] / count);
            deviations[i] = (float)Deviation(_sums[i], _squares[i], count);
        }
        return (means, deviations);
    }

    private void AddPooled(ReadOnlySpan<float> row)
    {
        double sum = 0, squares = 0;
        foreach (float value in row)
        {
            double difference = value - _shifts[0];
            sum += difference;
            squares += difference * difference;
        }
        _sums[0] += sum;
        _squares[0] += squares;
        _pooled += row.Length;
    }

    private static double Deviation(double sum, double squares, long count)
        => Math.Sqrt(Math.Max(0, squares / count - sum / count * (sum / count)));
}
