namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Gathers what is measured of rows by noise level: in stretches of equal probability under the distribution that levels are drawn from.</summary>
internal sealed class LevelMeans
{
    private const int Stretches = 20;

    // Clean data and pure noise have no logarithm.
    private const double LeastRatio = 1e-5, GreatestRatio = 1e5;

    private readonly double[] _sums = new double[Stretches], _logarithms = new double[Stretches];
    private readonly int[] _rows = new int[Stretches];

    /// <summary>The mean over all rows.</summary>
    public double Mean => _sums.Sum() / _rows.Sum();

    /// <summary>The noise ratio σ/α, the mean and the number of rows of the stretches that have rows, from little noise to much.</summary>
    public IEnumerable<(double Ratio, double Mean, int Rows)> Means
        => Enumerable.Range(0, Stretches).Where(i => _rows[i] > 0).Select(i => (Ratio: Math.Exp(_logarithms[i] / _rows[i]), Mean: _sums[i] / _rows[i], Rows: _rows[i])).OrderBy(mean => mean.Ratio);

    /// <summary>Adds the rows of a batch.</summary>
    /// <param name="values">What was measured of each row.</param>
    /// <param name="uniforms">The number in (0, 1) of each row, from which its level was drawn.</param>
    /// <param name="levels">The level of each row.</param>
    public void Add(ReadOnlySpan<float> values, double[] uniforms, NoiseLevels levels)
    {
        for (int row = 0; row < values.Length; row++)
        {
            int stretch = Math.Min(Stretches - 1, (int)(uniforms[row] * Stretches));
            _sums[stretch] += values[row];
            _logarithms[stretch] += Math.Log(Math.Clamp(levels[row].Ratio, LeastRatio, GreatestRatio));
            _rows[stretch]++;
        }
    }
}
