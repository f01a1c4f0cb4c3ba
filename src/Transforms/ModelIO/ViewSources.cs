using System.Runtime.CompilerServices;
using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Finds the data that data was computed from.</summary>
internal static class ViewSources
{
    /// <summary>
    /// The schemas that data came through, from its root to itself; names and types of the visible columns only, so that holding
    /// them holds no data.
    /// </summary>
    /// <param name="view">The data, for example a trainer's input.</param>
    public static IReadOnlyList<DataViewSchema> Schemas(IDataView view)
    {
        var schemas = new List<DataViewSchema>();
        for (var at = view; at is not null; at = SourceOf(at))
            schemas.Add(Strip(at.Schema));
        schemas.Reverse();
        return schemas;
    }

    /// <summary>Names and types of a schema's visible columns, without annotations.</summary>
    public static DataViewSchema Strip(DataViewSchema schema)
    {
        var builder = new DataViewSchema.Builder();
        foreach (var column in schema)
            if (!column.IsHidden)
                builder.AddColumn(column.Name, column.Type);
        return builder.ToSchema();
    }

    /// <summary>The columns that columns of keys were mapped from, one for each; the column itself for what is no key, or whose source is not known.</summary>
    public static IReadOnlyList<string> SourcesOfKeys(IDataView view, IReadOnlyList<string> columns) => [.. columns.Select(column => SourceOfKeys(view, column) ?? column)];

    /// <summary>The name of the column that the keys of a column were mapped from, one to one; null where it is no key, or that is not known.</summary>
    /// <param name="view">The data.</param>
    /// <param name="column">The column.</param>
    public static string? SourceOfKeys(IDataView view, string column)
    {
        if (view.Schema.GetColumnOrNull(column) is not { } found || found.Type.GetItemType() is not KeyDataViewType)
            return null;
        for (var at = view; at is not null; at = SourceOf(at))
        {
            if (at is not IRowToRowMapper mapper)
            {
                // A view that adds nothing, or not this.
                if (SourceOf(at)?.Schema.GetColumnOrNull(found.Name) is not { } same || !same.Type.Equals(found.Type))
                    return null;
                found = same;
                continue;
            }
            if (mapper.GetDependencies([found]).ToArray() is not [var source])
                return null;
            if (source.Type.GetItemType() is not KeyDataViewType)
                return source.Type is VectorDataViewType == found.Type is VectorDataViewType ? source.Name : null;
            found = source;
        }
        return null;
    }

    private static IDataView? SourceOf(IDataView view) => view switch
    {
        IDerivedView derived => derived.Source,
        IDataTransform transform => transform.Source,
        CacheDataView cache => SourceOfCache(cache),
        _ => null,
    };

    // A cache names no source. Should a later ML.NET rename the field, the chain ends at the cache.
    private static IDataView? SourceOfCache(CacheDataView cache)
    {
        try
        {
            return CachedInput(cache);
        }
        catch (MissingFieldException)
        {
            return null;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_subsetInput")]
    private static extern ref IDataView CachedInput(CacheDataView cache);
}
