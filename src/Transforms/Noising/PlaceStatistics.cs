namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Means and deviations in one pass: of each place of vectors, or of runs of places together, such as the channels of a sequence.</summary>
/// <param name="places">The number of runs into which a vector is cut: its length for each place on its own, 1 for all values together.</param>
internal sealed class PlaceStatistics(int places)
{
    private readonly double[] _shifts = new double[places];
    private readonly double[] _sums = new double[places];
    private readonly double[] _squares = new double[places];
    private long _count;

    /// <summary>The deviation of all values together, where there is one run.</summary>
    public double PooledDeviation => Deviation(_sums[0], _squares[0]);

    /// <summary>Adds a vector.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        int run = row.Length / places;
        for (int i = 0; i < places; i++)
        {
            var values = row.Slice(i * run, run);
            // Shifted by the first row: no digits are lost where the mean is large.
            if (_count == 0)
                _shifts[i] = values[0];
            double sum = 0, squares = 0;
            foreach (float value in values)
            {
                double difference = value - _shifts[i];
                sum += difference;
                squares += difference * difference;
            }
            _sums[i] += sum;
            _squares[i] += squares;
        }
        _count += run;
    }

    /// <summary>The mean and the deviation of each run.</summary>
    public (float[] Means, float[] Deviations) MeansAndDeviations()
    {
        var means = new float[places];
        var deviations = new float[places];
        for (int i = 0; i < places; i++)
        {
            means[i] = (float)(_shifts[i] + _sums[i] / _count);
            deviations[i] = (float)Deviation(_sums[i], _squares[i]);
        }
        return (means, deviations);
    }

    private double Deviation(double sum, double squares) => Math.Sqrt(Math.Max(0, squares / _count - sum / _count * (sum / _count)));
}
