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

    /// <summary>The data that data was computed from; null where there is none, or it is not known.</summary>
    public static IDataView? SourceOf(IDataView view) => view switch
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
