using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Reads training data into memory in one pass, and takes it to model space on the way.</summary>
/// <param name="column">The name of the column of clean data.</param>
/// <param name="conditionColumns">The names of the condition columns.</param>
/// <param name="layout">What the packed conditions are.</param>
/// <param name="codec">The way to model space.</param>
internal sealed class SampleReader(string column, IReadOnlyList<string> conditionColumns, ConditionLayout layout, IDataCodec codec)
{
    private const int RowsBetweenCancellationChecks = 256;

    /// <summary>Reads rows.</summary>
    /// <param name="data">The data; checked to have the columns.</param>
    /// <param name="what">What the data is, for errors: training or validation.</param>
    /// <param name="limit">The largest number of rows to read.</param>
    /// <param name="cancellation">Ends reading with an exception.</param>
    /// <returns>The rows; the caller disposes them.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="InvalidOperationException">A value is not valid, or there is no row.</exception>
    public SampleBuffer Read(IDataView data, string what, long limit, CancellationToken cancellation)
    {
        var source = VectorReader.Check(data.Schema, column);
        var packer = new ConditionPacker(data.Schema, conditionColumns, layout);
        var needed = packer.Inputs.Append(source.Index).Distinct().Select(index => data.Schema[index]).ToArray();
        using var cursor = data.GetRowCursor(needed);
        var reader = new VectorReader(cursor, source);
        var pack = packer.Bind(cursor);
        var rows = new SampleBuffer(reader.Size, layout.Width);
        try
        {
            if (data.GetRowCount() is { } known)
                rows.Reserve(Math.Min(known, limit));
            while (rows.Count < limit && cursor.MoveNext())
            {
                if (rows.Count % RowsBetweenCancellationChecks == 0)
                    cancellation.ThrowIfCancellationRequested();
                long row = rows.Add();
                ReadSample(reader, rows.Sample(row), row, what);
                pack(rows.Conditions(row));
                CheckConditions(rows.Conditions(row), row, what);
            }
            if (rows.Count == 0)
                throw new InvalidOperationException($"The {what} data has no rows.");
            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    private void ReadSample(VectorReader reader, Span<float> sample, long row, string what)
    {
        reader.Read(sample);
        if (codec.FindInvalid(sample) is { } problem)
            throw new InvalidOperationException($"Row {row} of the {what} data, column '{column}': {problem}.");
        codec.Encode(sample);
    }

    // NaN is a missing condition, which is legal; an infinite one would make every weight it meets infinite.
    private void CheckConditions(ReadOnlySpan<float> packed, long row, string what)
    {
        for (int slot = 0; slot < layout.Slots.Count; slot++)
            foreach (float value in packed.Slice(layout.OffsetOf(slot), layout.Slots[slot].Width))
                if (float.IsInfinity(value))
                    throw new InvalidOperationException($"Row {row} of the {what} data, condition column '{conditionColumns[slot]}': a value is {value}, expected a finite number, or NaN where the condition is missing.");
    }
}
