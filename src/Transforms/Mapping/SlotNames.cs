using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The names of the places of a vector, as ML.NET keeps them: an annotation of the column.</summary>
internal static class SlotNames
{
    /// <summary>The kind of the annotation.</summary>
    public const string Kind = "SlotNames";

    /// <summary>The names of a column; null where it has none.</summary>
    public static IReadOnlyList<string>? Of(DataViewSchema.Column column)
    {
        if (!column.HasSlotNames())
            return null;
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    /// <summary>Adds names to a column; nothing where there are none.</summary>
    /// <param name="annotations">The annotations of the column.</param>
    /// <param name="names">The names; null for none.</param>
    /// <param name="kind">The kind of the annotation.</param>
    public static void Add(DataViewSchema.Annotations.Builder annotations, IReadOnlyList<string>? names, string kind = Kind)
    {
        if (names is null)
            return;
        ReadOnlyMemory<char>[] values = [.. names.Select(name => name.AsMemory())];
        annotations.Add(kind, new VectorDataViewType(TextDataViewType.Instance, values.Length),
            (ValueGetter<VBuffer<ReadOnlyMemory<char>>>)((ref VBuffer<ReadOnlyMemory<char>> destination) => destination = new(values.Length, values)));
    }

    /// <summary>The shape of the annotation, where a column is promised to have it.</summary>
    /// <param name="isThere">Whether it is.</param>
    /// <param name="kind">The kind of the annotation.</param>
    public static SchemaShape.Column[] Shape(bool isThere, string kind = Kind) => isThere ? [Shapes.Vector(kind, TextDataViewType.Instance)] : [];

    /// <summary>Whether a column of a shape has names.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="column">The name of the column.</param>
    /// <param name="kind">The kind of the annotation.</param>
    public static bool AreIn(SchemaShape shape, string column, string kind = Kind)
        => shape.FirstOrDefault(other => other.Name == column) is { IsValid: true } found && Shapes.HasAnnotation(found, kind);
}
