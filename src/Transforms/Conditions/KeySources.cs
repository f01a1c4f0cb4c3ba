using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Finds the columns that keys were mapped from, by the steps that data came through.</summary>
internal static class KeySources
{
    /// <summary>The sources of columns, one for each; the column that it hides for what is no key, or whose source is not known.</summary>
    /// <param name="view">The data.</param>
    /// <param name="columns">The names of the columns.</param>
    public static IReadOnlyList<KeySource> Of(IDataView view, IReadOnlyList<string> columns) => [.. columns.Select(column => Find(view, column) ?? KeySource.HiddenByKeys(column))];

    /// <summary>The column that the keys of a column were mapped from, one to one; null where it is no key, or that is not known.</summary>
    /// <param name="view">The data.</param>
    /// <param name="column">The name of the column.</param>
    public static KeySource? Find(IDataView view, string column)
    {
        if (view.Schema.GetColumnOrNull(column) is not { } keys || keys.Type.GetItemType() is not KeyDataViewType)
            return null;
        // The views that the keys are in, the newest first.
        var way = new List<IDataView>();
        for (var at = view; at is not null && Before(at, keys) is { } source; at = ViewSources.SourceOf(at))
        {
            way.Add(at);
            if (source.Type.GetItemType() is not KeyDataViewType)
                return source.Type is VectorDataViewType == keys.Type is VectorDataViewType ? Follow(source, way) : null;
            keys = source;
        }
        return null;
    }

    // Where the source is in the newest data that still has it: in what comes later, steps without it are left out, or the data is new.
    private static KeySource Follow(DataViewSchema.Column source, IReadOnlyList<IDataView> way)
    {
        var found = KeySource.Of(ViewSources.SourceOf(way[^1])!.Schema, source);
        foreach (var view in way.Reverse())
        {
            // What a step makes of a column comes behind it.
            var passed = view.Schema.Where(column => column.Name == source.Name && column.Type.Equals(source.Type) && Before(view, column)?.Index == source.Index).ToArray();
            if (passed.Length == 0)
                break;
            source = passed[0];
            found = KeySource.Of(view.Schema, source);
        }
        return found;
    }

    // The one column of the data before that a column is, or is computed from.
    private static DataViewSchema.Column? Before(IDataView view, DataViewSchema.Column column)
    {
        if (ViewSources.SourceOf(view)?.Schema is not { } before)
            return null;
        if (view is IRowToRowMapper mapper)
            return mapper.GetDependencies([column]).ToArray() is [var one] ? one : null;
        // A view that adds nothing, or not this. Hidden columns have no other name than their place.
        bool isThere = column.Index < before.Count && before[column.Index].Name == column.Name && before[column.Index].Type.Equals(column.Type);
        DataViewSchema.Column? same = isThere ? before[column.Index] : before.GetColumnOrNull(column.Name);
        return same?.Type.Equals(column.Type) == true ? same : null;
    }
}
