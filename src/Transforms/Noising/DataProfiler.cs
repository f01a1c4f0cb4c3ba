using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Measures a data column in one pass, and refuses what can not be learned from.</summary>
internal static class DataProfiler
{
    /// <summary>Measures a column.</summary>
    /// <param name="host">Whose log is used.</param>
    /// <param name="data">The data.</param>
    /// <param name="column">The data column, a known-size vector of Single.</param>
    /// <param name="shape">The shape of a sample.</param>
    /// <param name="codec">The user's codec; null for the one that suits the data.</param>
    /// <param name="dropsInvalid">Whether invalid rows are left out.</param>
    /// <exception cref="InvalidOperationException">No rows, or a value that is invalid; names row and column.</exception>
    public static DataProfile Measure(IHost host, IDataView data, DataViewSchema.Column column, DataShape shape, IDataCodec? codec, bool dropsInvalid = false)
    {
        bool isGuess = codec is null && shape.IsImage;
        codec ??= shape.IsImage ? new PixelCodec() : null;
        // A sequence keeps its form: one mean and deviation a channel, not one a moment.
        var statistics = new PlaceStatistics(codec is not null ? 1 : shape.IsSequence ? shape.Dimensions[0] : shape.Size);
        var spread = codec is null ? new SpreadSample(shape.Size) : null;
        float largest = float.NegativeInfinity;
        long rows = 0;
        var invalid = new InvalidRows(dropsInvalid);
        using (var cursor = data.GetRowCursor([column]))
        {
            var reader = new VectorReader(cursor, column);
            var row = new float[shape.Size];
            for (; cursor.MoveNext(); rows++)
            {
                reader.Read(row);
                if ((codec?.FindInvalid(row) ?? FindNotFinite(row)) is { } problem)
                {
                    invalid.Add($"Column '{column.Name}', row {rows}: {problem}.", isGuess ? " Pixels of another range need the option Codec, for example new PixelCodec(0, 1)." : "");
                    continue;
                }
                if (isGuess)
                    largest = Math.Max(largest, System.Numerics.Tensors.TensorPrimitives.Max(row));
                codec?.Encode(row);
                statistics.Add(row);
                spread?.Add(row);
            }
        }
        if (rows == invalid.Count)
            throw new InvalidOperationException($"Column '{column.Name}' has no {(rows == 0 ? "" : "valid ")}rows to learn from.");
        if (invalid.Warning is { } warning)
            Log.Warning(host, warning);
        rows -= invalid.Count;
        // Black is black in any range.
        if (isGuess && largest is > 0 and <= 1)
            throw new InvalidOperationException($"Every value of column '{column.Name}' lies in [0, 1], but pixels are expected in [0, 255]. Pass the option Codec = new PixelCodec(0, 1).");
        return spread is not null ? Standardize(host, statistics, spread, column.Name, rows, shape) : new DataProfile(codec!, Scale(host, statistics.PooledDeviation, column.Name), rows);
    }

    private static DataProfile Standardize(IHost host, PlaceStatistics statistics, SpreadSample spread, string column, long rows, DataShape shape)
    {
        var (means, deviations) = statistics.MeansAndDeviations();
        string value = shape.IsSequence ? "channel" : "value";
        if (spread.FindFlattened(deviations) is [var (first, deviation, half), ..] flattened)
            Log.Warning(host, FormattableString.Invariant($"Column '{column}': a few huge numbers flatten {flattened.Count} of {deviations.Length} {value}s, the first of them {value} {first}: its standard deviation is {deviation:g3}, but half of the rows lie within {half:g3}, so that a model can hardly tell them apart. Remove or limit such numbers, take their logarithm, or give missing ones as missing."));
        int[] constant = [.. Enumerable.Range(0, deviations.Length).Where(place => !(deviations[place] > 0))];
        foreach (int place in constant)
            deviations[place] = 1;
        if (constant.Length > 0)
            Log.Warning(host, $"Column '{column}': {constant.Length} of {deviations.Length} {value}s are the same in every row, the first of them {value} {constant[0]}; their deviation is taken as 1.");
        // Every place that varies has deviation 1 now; the others 0.
        double scale = Math.Sqrt((double)(deviations.Length - constant.Length) / deviations.Length);
        return new DataProfile(new StandardizingCodec(EachPlace(means), EachPlace(deviations)), scale > 0 ? scale : 1, rows);

        float[] EachPlace(float[] numbers) => [.. numbers.SelectMany(number => Enumerable.Repeat(number, shape.Size / numbers.Length))];
    }

    private static double Scale(IHost host, double deviation, string column)
    {
        if (deviation > 0)
            return deviation;
        Log.Warning(host, $"Column '{column}': all values are the same; their deviation is taken as 1.");
        return 1;
    }

    private static string? FindNotFinite(ReadOnlySpan<float> row)
    {
        for (int i = 0; i < row.Length; i++)
            if (!float.IsFinite(row[i]))
                return $"value {i} is {row[i]}, expected a finite number";
        return null;
    }
}
