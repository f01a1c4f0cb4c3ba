using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The data column as a noise schedule sees it. Nothing is read unless something is asked.</summary>
/// <param name="host">Whose log is used.</param>
/// <param name="data">The data, already checked.</param>
/// <param name="column">The data column.</param>
/// <param name="profile">What the first pass has shown.</param>
internal sealed class ModelSpaceData(IHost host, IDataView data, DataViewSchema.Column column, DataProfile profile) : IModelSpaceData
{
    // All pairs of so many rows take seconds; so many numbers 64 MiB.
    private const int MaxRows = 8192;
    private const int MaxNumbers = 1 << 24;

    /// <inheritdoc/>
    /// <remarks>Of all rows up to 8192 rows and 16 M numbers; beyond that of so many rows, taken evenly from the whole column.</remarks>
    public double LargestDistance()
    {
        using var cursor = data.GetRowCursor([column]);
        var reader = new VectorReader(cursor, column);
        int size = reader.Size, count = (int)Math.Min(profile.RowCount, Math.Min(MaxRows, Math.Max(MaxNumbers / size, 2)));
        var values = new float[count * size];
        int taken = 0;
        for (long row = 0; taken < count && cursor.MoveNext();)
        {
            var place = values.AsSpan(taken * size, size);
            reader.Read(place);
            // The first pass refused them, or left them out.
            if (profile.Codec.FindInvalid(place) is not null || row++ < taken * profile.RowCount / count)
                continue;
            profile.Codec.Encode(place);
            taken++;
        }
        double largest = Transforms.LargestDistance.Between(values, size);
        string rows = count == profile.RowCount ? $"all {Plural.Of(count, "row")}" : $"{Plural.Of(count, "row")}, taken evenly from {profile.RowCount}";
        Log.Info(host, FormattableString.Invariant($"Column '{column.Name}': the largest distance between two of {rows} is {largest:g6} in model space."));
        return largest;
    }
}
