namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// What a trainer must know about a data column: how it is destroyed, and the way between it and model space. Left as an annotation of
/// the noised column by <see cref="NoiseScheduleTransformer"/>.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
/// <param name="SourceColumn">The name of the data column.</param>
/// <param name="NoisedColumn">The name of the noised column.</param>
/// <param name="LevelColumn">The name of the column with the time and level of each noised row.</param>
/// <param name="Process">How data is destroyed.</param>
/// <param name="Codec">The way between the user's data and model space.</param>
/// <param name="Shape">The shape of a sample.</param>
/// <param name="DataScale">σ_data, the standard deviation of the data in model space; positive.</param>
/// <param name="SlotNames">The names of the places of the data column; null where it has none.</param>
public sealed record ForwardProcessInfo(
    string SourceColumn,
    string NoisedColumn,
    string LevelColumn,
    IForwardProcess Process,
    IDataCodec Codec,
    DataShape Shape,
    double DataScale,
    IReadOnlyList<string>? SlotNames = null)
{
    internal const string AnnotationKind = "DiffusionProcess";

    /// <summary>The process of a data column; that of the last NoiseSchedule where several were made for it.</summary>
    /// <param name="schema">A schema behind the noise schedule.</param>
    /// <param name="sourceColumn">The name of the data column.</param>
    /// <returns>Null where no noise schedule was made for the column.</returns>
    public static ForwardProcessInfo? Find(DataViewSchema schema, string sourceColumn)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return schema
            .Where(column => !column.IsHidden)
            .Select(column => SingletonViewType<ForwardProcessInfo>.Find(column, AnnotationKind))
            .LastOrDefault(info => info?.SourceColumn == sourceColumn);
    }

    /// <summary>Whether any column of a schema shape carries a process: shapes hold no values, so not which column's.</summary>
    internal static bool IsIn(SchemaShape shape) => shape.Any(column => Shapes.HasAnnotation(column, AnnotationKind));
}
