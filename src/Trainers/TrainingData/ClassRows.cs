using System.Globalization;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>How many rows each class of a condition has.</summary>
internal sealed class ClassRows
{
    private const int MostNames = 10;

    private readonly ClassCondition _condition;
    private readonly long[] _counts;

    /// <summary>Counts rows.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="offset">Where it is in the packed conditions.</param>
    /// <param name="rows">The rows.</param>
    public ClassRows(ClassCondition condition, int offset, SampleBuffer rows)
    {
        _condition = condition;
        _counts = new long[condition.Count + 1];
        for (long row = 0; row < rows.Count; row++)
            _counts[(int)rows.Conditions(row)[offset]]++;
        Absent = [.. Enumerable.Range(1, condition.Count).Where(key => _counts[key] == 0)];
    }

    /// <summary>The keys that no row has.</summary>
    public IReadOnlyList<int> Absent { get; }

    /// <summary>The key that all rows with a class have; null where they have several, or none.</summary>
    public int? Only => _counts.Skip(1).Count(count => count > 0) == 1 ? Array.FindIndex(_counts, 1, count => count > 0) : null;

    /// <summary>The classes that no row has, in words.</summary>
    public string AbsentNames => string.Join(", ", Absent.Take(MostNames).Select(Name)) + (Absent.Count > MostNames ? $" and {Absent.Count - MostNames} more" : "");

    /// <summary>What a key stands for; its number where that is not known.</summary>
    public string Name(int key) => _condition.Values is { } values ? $"'{values.Values[key - 1]}'" : key.ToString(CultureInfo.InvariantCulture);
}
