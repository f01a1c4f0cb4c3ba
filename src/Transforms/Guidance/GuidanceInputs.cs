using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The columns from which a guidance takes its inputs: one Single, or a known-size vector of Single.</summary>
internal static class GuidanceInputs
{
    /// <summary>Checks a column of a schema.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is of the wrong type.</exception>
    public static void Check(DataViewSchema.Column column, GuidanceColumn input)
    {
        bool fits = column.Type is VectorDataViewType vector
            ? vector.Size == input.Input.Size && vector.ItemType.Equals(NumberDataViewType.Single)
            : input.Input.Size == 1 && column.Type.Equals(NumberDataViewType.Single);
        if (!fits)
            throw SchemaErrors.Mismatch(column.Name, Expected(input), column.Type.ToString()!);
    }

    /// <summary>Checks a column of a schema shape.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is of the wrong type.</exception>
    public static void Check(SchemaShape.Column column, GuidanceColumn input)
    {
        bool fits = !column.IsKey && column.ItemType.Equals(NumberDataViewType.Single)
            && (column.Kind == SchemaShape.Column.VectorKind.Vector || (input.Input.Size == 1 && column.Kind == SchemaShape.Column.VectorKind.Scalar));
        if (!fits)
            throw SchemaErrors.Mismatch(column.Name, Expected(input), Shapes.TypeName(column));
    }

    private static string Expected(GuidanceColumn input) => input.Input.Size == 1 ? "a Single" : $"a vector of {input.Input.Size} Singles";
}
