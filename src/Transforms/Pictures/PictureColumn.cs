using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Reads a column of pictures, and one of labels beside it.</summary>
internal static class PictureColumn
{
    /// <summary>The shape of the pictures of a column.</summary>
    /// <param name="schema">The schema that holds it.</param>
    /// <param name="name">Its name.</param>
    /// <param name="shape">The shape to assume where the column does not say.</param>
    /// <exception cref="ArgumentException">There is no such column, or it holds no pictures.</exception>
    public static DataShape ShapeOf(DataViewSchema schema, string name, DataShape? shape)
    {
        DataViewSchema.Column column = Find(schema, name);
        if (column.Type is not VectorDataViewType { ItemType: NumberDataViewType item } vector || item.RawType != typeof(float) || vector.Size == 0)
            throw new ArgumentException($"Schema mismatch for column '{name}': expected a known-size vector of Single, got {column.Type}.{(PictureLayout.HelpFor(column.Type, name) is { } help ? " " + help : "")}");
        PictureLayout.RequireChannelsFirst(column, shape);
        DataShape? own = vector.Dimensions.Length == 3 ? new DataShape([.. vector.Dimensions]) : shape;
        if (own is not { IsImage: true })
            throw new ArgumentException($"Column '{name}' ({column.Type}) does not say to hold pictures. Where its numbers are the values of pictures, set the option ImageShape to their channels, height and width; rows of a table can not be drawn.");
        if (own.Size != vector.Size)
            throw new ArgumentException($"Column '{name}' has {Plural.Of(vector.Size, "value")}, but a picture of {own} has {own.Size}.");
        return own;
    }

    /// <summary>Reads rows.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="name">The column of pictures.</param>
    /// <param name="labelName">The column of labels; null gives empty labels.</param>
    public static IEnumerable<(string Label, float[] Picture)> Read(IDataView data, string name, string? labelName)
    {
        DataViewSchema.Column column = Find(data.Schema, name);
        DataViewSchema.Column[] active = labelName is null ? [column] : [column, Find(data.Schema, labelName)];
        using DataViewRowCursor cursor = data.GetRowCursor(active);
        ValueGetter<VBuffer<float>> getPicture = cursor.GetGetter<VBuffer<float>>(column);
        Func<string> getLabel = labelName is null ? () => "" : LabelGetter(cursor, active[1]);
        VBuffer<float> picture = default;
        while (cursor.MoveNext())
        {
            getPicture(ref picture);
            yield return (getLabel(), [.. picture.DenseValues()]);
        }
    }

    private static DataViewSchema.Column Find(DataViewSchema schema, string name) =>
        schema.GetColumnOrNull(name)
        ?? throw new ArgumentException($"There is no column '{name}'; the columns are: {SchemaErrors.ListColumns(schema, name)}.");

    private static Func<string> LabelGetter(DataViewRow row, DataViewSchema.Column column)
    {
        switch (column.Type)
        {
            case TextDataViewType:
                ValueGetter<ReadOnlyMemory<char>> getText = row.GetGetter<ReadOnlyMemory<char>>(column);
                return () => Value(getText).ToString();
            case NumberDataViewType { RawType: var type } when type == typeof(float):
                ValueGetter<float> getNumber = row.GetGetter<float>(column);
                return () => Value(getNumber).ToString(CultureInfo.InvariantCulture);
            case KeyDataViewType { RawType: var type } when type == typeof(uint):
                ValueGetter<uint> getKey = row.GetGetter<uint>(column);
                VBuffer<ReadOnlyMemory<char>> names = default;
                if (column.HasKeyValues() && ((VectorDataViewType)column.Annotations.Schema[AnnotationUtils.Kinds.KeyValues].Type).ItemType is TextDataViewType)
                    column.GetKeyValues(ref names);
                return () => Value(getKey) switch
                {
                    0 => "(missing)",
                    uint key when key <= names.Length => names.GetItemOrDefault((int)key - 1).ToString(),
                    uint key => key.ToString(CultureInfo.InvariantCulture),
                };
            default:
                throw new ArgumentException($"Schema mismatch for column '{column.Name}': expected text, a key or Single, got {column.Type}.");
        }
    }

    private static T Value<T>(ValueGetter<T> getter)
    {
        T value = default!;
        getter(ref value);
        return value;
    }
}
