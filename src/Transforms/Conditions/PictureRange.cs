namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Measures the pictures that condition a model: the smallest value of all becomes −1, the largest 1.</summary>
internal static class PictureRange
{
    /// <summary>A layout with the ranges of its pictures.</summary>
    /// <param name="data">The training data; read once if the layout has pictures.</param>
    /// <param name="names">The names of the condition columns, one for each slot.</param>
    /// <param name="layout">The layout, whose pictures have any range.</param>
    /// <param name="cancellation">Ends the pass with an exception.</param>
    /// <exception cref="InvalidOperationException">A column has no picture; names it.</exception>
    public static ConditionLayout Measure(IDataView data, IReadOnlyList<string> names, ConditionLayout layout, CancellationToken cancellation)
    {
        int[] pictures = [.. Enumerable.Range(0, names.Count).Where(i => layout.Slots[i] is PictureCondition)];
        if (pictures.Length == 0)
            return layout;
        var columns = pictures.Select(i => data.Schema[names[i]]).ToArray();
        var ranges = Enumerable.Repeat((Least: float.PositiveInfinity, Largest: float.NegativeInfinity), pictures.Length).ToArray();
        using (var cursor = data.GetRowCursor(columns))
        {
            var readers = columns.Select(column => new VectorReader(cursor, column)).ToArray();
            var row = new float[readers.Max(reader => reader.Size)];
            while (cursor.MoveNext())
            {
                cancellation.ThrowIfCancellationRequested();
                for (int i = 0; i < readers.Length; i++)
                {
                    readers[i].Read(row);
                    foreach (float value in row.AsSpan(0, readers[i].Size))
                        // Infinite ones are refused when they are learned from.
                        if (float.IsFinite(value))
                            ranges[i] = (Math.Min(ranges[i].Least, value), Math.Max(ranges[i].Largest, value));
                }
            }
        }
        var slots = layout.Slots.ToArray();
        for (int i = 0; i < pictures.Length; i++)
        {
            var (least, largest) = ranges[i];
            if (!(least <= largest))
                throw new InvalidOperationException($"Condition column '{names[pictures[i]]}' has no pictures to learn from: every one is missing.");
            var slot = (PictureCondition)slots[pictures[i]];
            slots[pictures[i]] = new PictureCondition(slot.Name, slot.Shape, slot.Source, least, least < largest ? largest : Math.Max(least + 1, MathF.BitIncrement(least)));
        }
        return new ConditionLayout(slots);
    }
}
