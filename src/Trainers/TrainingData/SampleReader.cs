using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Reads training data into memory in one pass, and takes it to model space on the way.</summary>
/// <param name="column">The name of the column of clean data.</param>
/// <param name="conditionColumns">The names of the condition columns.</param>
/// <param name="layout">What the packed conditions are.</param>
/// <param name="codec">The way to model space.</param>
/// <param name="unknown">What becomes of values of conditions that the layout does not have.</param>
/// <param name="dropsInvalid">Whether rows that are not valid are left out.</param>
/// <param name="warn">Is told of them.</param>
/// <param name="needsConditions">Whether rows without any of their conditions are left out.</param>
internal sealed class SampleReader(string column, IReadOnlyList<string> conditionColumns, ConditionLayout layout, IDataCodec codec, UnknownValueRule unknown, bool dropsInvalid = false, Action<string>? warn = null,
    bool needsConditions = false)
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
        var packer = new ConditionPacker(data.Schema, conditionColumns, layout, unknown, KeySources.Of(data, conditionColumns));
        var needed = packer.Inputs.Append(source.Index).Distinct().Select(index => data.Schema[index]).ToArray();
        using var cursor = data.GetRowCursor(needed);
        var reader = new VectorReader(cursor, source);
        var pack = packer.Bind(cursor);
        var rows = new SampleBuffer(reader.Size, layout.Width);
        try
        {
            if (data.GetRowCount() is { } known)
                rows.Reserve(Math.Min(known, limit));
            var invalid = new InvalidRows(dropsInvalid);
            long without = 0;
            for (long number = 0; rows.Count < limit && cursor.MoveNext(); number++)
            {
                if (number % RowsBetweenCancellationChecks == 0)
                    cancellation.ThrowIfCancellationRequested();
                long row = rows.Add();
                reader.Read(rows.Sample(row));
                if ((Pack(pack, rows.Conditions(row), FormattableString.Invariant($"Row {number} of the {what} data")) ?? InvalidSample(rows.Sample(row)) ?? InvalidCondition(rows.Conditions(row))) is { } problem)
                {
                    rows.RemoveLast();
                    invalid.Add($"Row {number} of the {what} data, {problem}.");
                    continue;
                }
                if (needsConditions && layout.IsMissing(rows.Conditions(row)))
                {
                    rows.RemoveLast();
                    without++;
                    continue;
                }
                codec.Encode(rows.Sample(row));
            }
            if (rows.Count == 0)
                throw new InvalidOperationException(without == 0
                    ? $"The {what} data has no {(invalid.Count > 0 ? "valid " : "")}rows."
                    : $"{ConditionRows.NoneOf(without + invalid.Count, what)} a value in column {Names}{(invalid.Count > 0 ? FormattableString.Invariant($", but for {invalid.Count:n0} that are not valid") : "")}. {ConditionRows.WhatIsMissing} Give rows values.");
            if (without > 0)
                warn?.Invoke(FormattableString.Invariant($"{without:n0} of {without + rows.Count + invalid.Count:n0} rows of the {what} data {(without == 1 ? "has" : "have")} no value in column {Names}, and {(without == 1 ? "was" : "were")} left out."));
            if (invalid.Warning is { } warning)
                warn?.Invoke(warning);
            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    private string Names => string.Join(" and ", conditionColumns.Select(name => $"'{name}'"));

    private string? Pack(RowWriter pack, Span<float> conditions, string place)
    {
        try
        {
            pack(conditions);
            return null;
        }
        catch (UnknownValueException exception)
        {
            return dropsInvalid ? exception.Problem.TrimEnd('.') : throw exception.At(place);
        }
    }

    private string? InvalidSample(ReadOnlySpan<float> sample) => codec.FindInvalid(sample) is { } problem ? $"column '{column}': {problem}" : null;

    // NaN is a missing condition, which is legal; an infinite one would make every weight it meets infinite.
    private string? InvalidCondition(ReadOnlySpan<float> packed)
    {
        int slot = 0;
        foreach (string name in conditionColumns)
        {
            foreach (float value in packed.Slice(layout.OffsetOf(slot), layout.Slots[slot].Width))
                if (float.IsInfinity(value))
                    return $"condition column '{name}': a value is {value}, expected a finite number, or NaN where the condition is missing";
            slot++;
        }
        return null;
    }
}
