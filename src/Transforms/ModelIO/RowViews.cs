using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Objects as data.</summary>
internal static class RowViews
{
    /// <summary>Data of objects, whose number is known.</summary>
    public static IDataView Load<T>(IHostEnvironment environment, IReadOnlyList<T> rows, SchemaDefinition? definition = null)
        where T : class
        => DataViewConstructionUtils.CreateFromList(environment, [.. rows], definition);
}
