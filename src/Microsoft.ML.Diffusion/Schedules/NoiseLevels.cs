using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>The noise levels of a batch: one that all rows share, as in sampling, or one a row, as in training.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class NoiseLevels
{
    private readonly NoiseLevel[] _levels;
    private readonly double[]? _times;
    private readonly double? _told;

    /// <summary>One level for every row.</summary>
    /// <param name="level">The level.</param>
    /// <param name="time">Its time in the schedule, where known.</param>
    public NoiseLevels(NoiseLevel level, double? time = null)
    {
        _levels = [level];
        _times = time is { } t ? [t] : null;
    }

    /// <summary>One level for every row, and the time that networks are told instead of that of the level.</summary>
    internal NoiseLevels(NoiseLevel level, double? time, double? told)
        : this(level, time)
        => _told = told;

    /// <summary>A level for each row.</summary>
    /// <param name="levels">The level of each row.</param>
    /// <param name="times">The time of each row in the schedule, where known.</param>
    /// <exception cref="ArgumentException">No level, or the lengths differ.</exception>
    public NoiseLevels(ReadOnlySpan<NoiseLevel> levels, ReadOnlySpan<double> times = default)
    {
        if (levels.Length == 0 || (times.Length != 0 && times.Length != levels.Length))
            throw new ArgumentException($"Expected levels and as many times, got {levels.Length} levels and {times.Length} times.", nameof(levels));
        _levels = levels.ToArray();
        _times = times.Length == 0 ? null : times.ToArray();
    }

    /// <summary>1 when all rows share one level, else the number of rows.</summary>
    public int Count => _levels.Length;

    /// <summary>The level of a row.</summary>
    /// <param name="row">The row; any where all rows share one level.</param>
    public NoiseLevel this[int row] => _levels[_levels.Length == 1 ? 0 : row];

    /// <summary>The time of a row in the schedule; null where unknown.</summary>
    /// <param name="row">The row; any where all rows share one level.</param>
    public double? TimeAt(int row) => _times?[_times.Length == 1 ? 0 : row];

    /// <summary>The time, in the schedule of its training, that a network is told of all rows; null where it is that of the level.</summary>
    internal double? Told => _told;

    /// <summary>The levels of a batch that holds the same rows several times, one copy after the other.</summary>
    /// <param name="times">How many copies there are.</param>
    internal NoiseLevels Repeat(int times)
    {
        if (Count == 1)
            return this;
        var levels = Enumerable.Repeat(_levels, times).SelectMany(copy => copy).ToArray();
        return new NoiseLevels(levels, _times is null ? [] : [.. Enumerable.Repeat(_times, times).SelectMany(copy => copy)]);
    }

    /// <summary>The levels of some of the rows.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">The number of rows; at least 1.</param>
    internal NoiseLevels Rows(int first, int count) => Count == 1 ? this : new NoiseLevels(_levels.AsSpan(first, count), _times is null ? [] : _times.AsSpan(first, count));

    /// <summary>The levels of rows that are taken from these, in any order.</summary>
    /// <param name="rows">The numbers of the rows; at least one.</param>
    internal NoiseLevels Rows(IReadOnlyList<int> rows) => Count == 1 ? this : new NoiseLevels([.. rows.Select(row => _levels[row])], _times is null ? [] : [.. rows.Select(row => _times[row])]);

    /// <summary>One level for every row.</summary>
    /// <param name="level">The level.</param>
    public static implicit operator NoiseLevels(NoiseLevel level) => new(level);

    /// <summary>A batch-wise coefficient times a tensor: a new tensor.</summary>
    /// <param name="x">x [B, ...].</param>
    /// <param name="coefficient">The coefficient of a level.</param>
    public Tensor Multiply(Tensor x, Func<NoiseLevel, double> coefficient)
    {
        if (_levels.Length == 1)
            return x.Times(coefficient(_levels[0]));
        using var factors = Coefficients(x, coefficient);
        return x.mul(factors);
    }

    /// <summary>The coefficient of each row, shaped [B, 1, ...] to broadcast against a tensor, in its type and on its device.</summary>
    /// <param name="x">x [B, ...].</param>
    /// <param name="coefficient">The coefficient of a level.</param>
    public Tensor Coefficients(Tensor x, Func<NoiseLevel, double> coefficient)
    {
        long rows = x.size(0);
        if (_levels.Length != 1 && _levels.Length != rows)
            throw new ArgumentException($"The batch has {Plural.Of(rows, "row")} but {Plural.Of(_levels.Length, "noise level")}.", nameof(x));
        var values = new double[rows];
        for (int row = 0; row < values.Length; row++)
            values[row] = coefficient(this[row]);
        var shape = new long[x.dim()];
        Array.Fill(shape, 1);
        shape[0] = rows;
        using var host = tensor(values, shape);
        return host.to(x.dtype, x.device, copy: true);
    }
}
