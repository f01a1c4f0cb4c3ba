namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Rows spread evenly over a pass, from which follows how far most numbers of a place lie apart, whatever a few of them are.</summary>
internal sealed class SpreadSample
{
    // 4 million numbers: 16 MB, and enough rows for quartiles wherever places are few.
    private const int MostNumbers = 1 << 22, MostRows = 1024, LeastRows = 16;

    // Half of a normal distribution lies within 1.35 deviations, of a lognormal one of σ = 2 within 0.07; a single number far away among n gives 1.35/√n at most.
    private const double Flat = 0.02;

    private readonly float[]?[] _rows;
    private readonly int _size;
    private long _seen;
    private long _stride = 1;
    private int _count;

    /// <param name="size">The numbers of a row.</param>
    public SpreadSample(int size)
    {
        _size = size;
        _rows = new float[Math.Clamp(MostNumbers / size, LeastRows, MostRows)][];
    }

    /// <summary>Adds a row.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        if (_seen++ % _stride != 0)
            return;
        if (_count == _rows.Length)
        {
            // Every second one makes room.
            _count = (_count + 1) / 2;
            for (int i = 0; i < _count; i++)
                (_rows[i], _rows[2 * i]) = (_rows[2 * i], _rows[i]);
            _stride *= 2;
            if ((_seen - 1) % _stride != 0)
                return;
        }
        row.CopyTo(_rows[_count++] ??= new float[_size]);
    }

    /// <summary>The places whose numbers differ, but most of them by next to nothing beside the deviation.</summary>
    /// <param name="deviations">The deviation of each place, or of each equal stretch of places.</param>
    /// <returns>The place, its deviation, and the distance of the quartiles.</returns>
    public IReadOnlyList<(int Place, double Deviation, double Half)> FindFlattened(IReadOnlyList<float> deviations)
    {
        var found = new List<(int, double, double)>();
        int stretch = _size / deviations.Count;
        var values = new float[_count * stretch];
        for (int place = 0; place < deviations.Count; place++)
        {
            for (int row = 0; row < _count; row++)
                _rows[row].AsSpan(place * stretch, stretch).CopyTo(values.AsSpan(row * stretch));
            Array.Sort(values);
            double half = (double)values[values.Length - 1 - values.Length / 4] - values[values.Length / 4];
            if (half > 0 && half < Flat * deviations[place])
                found.Add((place, deviations[place], half));
        }
        return found;
    }
}
