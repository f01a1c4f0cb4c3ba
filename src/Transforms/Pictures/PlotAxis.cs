using System.Globalization;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>An axis: from values to places, with round ticks.</summary>
internal sealed class PlotAxis
{
    private static readonly double[][] _mantissas = [[1], [1, 2, 5], [1, 1.5, 2, 3, 4, 5, 6, 8]];

    private readonly bool _logarithmic;
    private readonly double _from;
    private readonly double _to;

    /// <param name="from">The least value.</param>
    /// <param name="to">The greatest value.</param>
    /// <param name="logarithmic">Whether equal ratios have equal distances; the values are positive then.</param>
    public PlotAxis(double from, double to, bool logarithmic)
    {
        _logarithmic = logarithmic;
        _from = Map(from);
        _to = Map(to);
        if (!(_to - _from > 1e-9))
            (_from, _to) = (_from - 0.5, _to + 0.5);
    }

    /// <summary>Widened at both ends by a part of itself.</summary>
    public static PlotAxis Padded(double from, double to, bool logarithmic, double part)
    {
        if (!logarithmic)
            return new(from - part * (to - from), to + part * (to - from), false);
        double factor = Math.Pow(to / from, part);
        return new(from / factor, to * factor, true);
    }

    /// <summary>Where a value lies: 0 at the beginning of the axis, 1 at its end.</summary>
    public double At(double value) => (Map(value) - _from) / (_to - _from);

    /// <summary>Round values within the axis, about as many as asked for.</summary>
    public IReadOnlyList<double> Ticks(int count)
    {
        if (_logarithmic)
        {
            int first = (int)Math.Floor(_from), last = (int)Math.Ceiling(_to);
            foreach (double[] mantissas in _mantissas)
            {
                double[] ticks = [.. from decade in Enumerable.Range(first, last - first + 1)
                                     from mantissa in mantissas
                                     let value = mantissa * Math.Pow(10, decade)
                                     where At(value) is >= 0 and <= 1
                                     select value];
                if (ticks.Length >= 3)
                    return ticks;
            }
        }
        return Linear(_logarithmic ? Math.Pow(10, _from) : _from, _logarithmic ? Math.Pow(10, _to) : _to, count);
    }

    /// <summary>A label for a tick: 0.05, 2,000, 3e-5.</summary>
    public static string Format(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 1e6 or < 1e-3 => value.ToString("0.##e0", CultureInfo.InvariantCulture),
        >= 1000 => value.ToString("#,0.##", CultureInfo.InvariantCulture),
        _ => value.ToString("0.#####", CultureInfo.InvariantCulture),
    };

    private static double[] Linear(double from, double to, int count)
    {
        double raw = (to - from) / Math.Max(1, count);
        double power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = power * (raw / power is var part && part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
        long first = (long)Math.Ceiling(from / step - 1e-9), last = (long)Math.Floor(to / step + 1e-9);
        return [.. Enumerable.Range(0, (int)(last - first + 1)).Select(i => (first + i) * step)];
    }

    // What a logarithm does not have lies far below the axis.
    private double Map(double value) => _logarithmic ? Math.Log10(Math.Max(value, 1e-300)) : value;
}
