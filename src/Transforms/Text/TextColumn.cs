using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Reads columns of text.</summary>
internal static class TextColumn
{
    private const string Expected = "a text (String)";

    /// <summary>Finds a column of text.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or no text.</exception>
    public static DataViewSchema.Column Check(DataViewSchema schema, string name)
    {
        var column = SchemaErrors.Find(schema, name);
        return column.Type is TextDataViewType ? column : throw SchemaErrors.Mismatch(name, Expected, column.Type);
    }

    /// <summary>Checks a column of a schema shape.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or no text.</exception>
    public static void Check(SchemaShape shape, string name)
    {
        var column = SchemaErrors.Find(shape, name);
        if (column.Kind != SchemaShape.Column.VectorKind.Scalar || column.ItemType is not TextDataViewType)
            throw SchemaErrors.Mismatch(name, Expected, column);
    }

    /// <summary>The texts of a column, read as they are asked for.</summary>
    public static IEnumerable<string> Read(IDataView data, DataViewSchema.Column column)
    {
        using var cursor = data.GetRowCursor([column]);
        var getter = cursor.GetGetter<ReadOnlyMemory<char>>(column);
        ReadOnlyMemory<char> text = default;
        while (cursor.MoveNext())
        {
            getter(ref text);
            yield return text.ToString();
        }
    }
}
