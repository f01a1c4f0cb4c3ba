using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The errors of columns that are missing or of the wrong type, in ML.NET's own words and exception type.</summary>
internal static class SchemaErrors
{
    private const int MostNames = 30;

    /// <summary>A column of the wrong type.</summary>
    public static ArgumentOutOfRangeException Mismatch(string column, string expected, string got, string? hint = null)
        => Unusable($"Schema mismatch for input column '{column}': expected {expected}, got {got}.{Sentence(hint)}");

    /// <summary>A column of the wrong type; raw pictures get the cure.</summary>
    public static ArgumentOutOfRangeException Mismatch(string column, string expected, DataViewType got, string? hint = null)
        => Mismatch(column, expected, got.ToString()!, PictureLayout.HelpFor(got, column) ?? hint);

    /// <summary>A column of a schema shape of the wrong type; raw pictures get the cure.</summary>
    public static ArgumentOutOfRangeException Mismatch(string column, string expected, SchemaShape.Column got, string? hint = null)
        => Mismatch(column, expected, Shapes.TypeName(got), PictureLayout.HelpFor(got.ItemType, column) ?? hint);

    /// <summary>Input that can not be used as a whole.</summary>
    public static ArgumentOutOfRangeException Unusable(string message, string parameter = "inputSchema") => new(parameter, message);

    /// <summary>A column by name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing.</exception>
    public static DataViewSchema.Column Find(DataViewSchema schema, string column, string? hint = null)
        => schema.GetColumnOrNull(WellFormed(column)) ?? throw Missing(column, ListColumns(schema, column), hint);

    /// <summary>A column of a schema shape by name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing.</exception>
    public static SchemaShape.Column Find(SchemaShape shape, string column, string? hint = null)
    {
        WellFormed(column);
        foreach (var candidate in shape)
            if (candidate.Name == column)
                return candidate;
        throw Missing(column, List(shape.Select(c => c.Name), column), hint);
    }

    /// <summary>The visible columns of a schema, that which was most likely meant first.</summary>
    public static string ListColumns(DataViewSchema schema, string wanted) => List(schema.Where(column => !column.IsHidden).Select(column => column.Name), wanted);

    private static ArgumentOutOfRangeException Missing(string column, string available, string? hint)
        => Unusable($"Could not find input column '{column}'; the columns are: {available}.{Sentence(hint)}");

    // Told before hours of training, after which no file could hold the name.
    private static string WellFormed(string column)
    {
        WellFormedStrings.Require(column, "column name");
        return column;
    }

    private static string List(IEnumerable<string> names, string wanted)
    {
        string[] all = [.. names.Distinct().OrderBy(name => EditDistance.Between(name, wanted))];
        return string.Join(", ", all.Take(MostNames).Select(name => $"'{name}'").DefaultIfEmpty("none")) + (all.Length > MostNames ? $" and {all.Length - MostNames} more" : "");
    }

    private static string Sentence(string? hint) => hint is null ? "" : " " + hint;
}
