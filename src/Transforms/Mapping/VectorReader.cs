using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Reads a vector-of-Single column, dense or sparse, into a flat buffer; allocates nothing per row.</summary>
internal sealed class VectorReader
{
    private const string Expected = "a known-size vector of Single";

    private readonly ValueGetter<VBuffer<float>> _getter;
    private VBuffer<float> _buffer;

    /// <summary>Reads a column of a row or cursor.</summary>
    /// <param name="row">The row or cursor, in which the column is active.</param>
    /// <param name="column">The column; checked by <see cref="Check(DataViewSchema, string, string?)"/>.</param>
    public VectorReader(DataViewRow row, DataViewSchema.Column column)
    {
        Size = ((VectorDataViewType)column.Type).Size;
        _getter = row.GetGetter<VBuffer<float>>(column);
    }

    /// <summary>The length of the vector.</summary>
    public int Size { get; }

    /// <summary>Copies the current row's vector.</summary>
    /// <param name="destination">At least <see cref="Size"/> numbers.</param>
    public void Read(Span<float> destination)
    {
        _getter(ref _buffer);
        if (_buffer.Length != Size)
            throw new InvalidOperationException($"Expected a vector of {Size} numbers, as its column says, got {_buffer.Length}.");
        if (_buffer.IsDense)
            _buffer.GetValues().CopyTo(destination);
        else
            _buffer.CopyTo(destination[..Size]);
    }

    /// <summary>Finds a column that can be read.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing, or no known-size vector of Single.</exception>
    public static DataViewSchema.Column Check(DataViewSchema schema, string name, string? hint = null)
    {
        var column = SchemaErrors.Find(schema, name, hint);
        if (column.Type is not VectorDataViewType { Size: > 0 } vector || !vector.ItemType.Equals(NumberDataViewType.Single))
            throw SchemaErrors.Mismatch(name, Expected, column.Type, hint ?? Help(column.Type));
        return column;
    }

    /// <summary>Checks a column of a schema shape.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing, or no known-size vector of Single.</exception>
    public static SchemaShape.Column Check(SchemaShape shape, string name, string? hint = null)
    {
        var column = SchemaErrors.Find(shape, name, hint);
        if (column.Kind != SchemaShape.Column.VectorKind.Vector || !column.ItemType.Equals(NumberDataViewType.Single) || column.IsKey)
            throw SchemaErrors.Mismatch(name, Expected, column, hint ?? Help(column.ItemType));
        return column;
    }

    private static string? Help(DataViewType type) => type switch
    {
        NumberDataViewType number when number.Equals(NumberDataViewType.Single) => "Put scalars together with ml.Transforms.Concatenate.",
        VectorDataViewType { Size: 0 } => "Give the vector its length, for example with [VectorType(784)] on the member it was loaded from.",
        VectorDataViewType { ItemType: NumberDataViewType } or NumberDataViewType => "Convert it with ml.Transforms.Conversion.ConvertType(column, outputKind: DataKind.Single).",
        _ => null,
    };
}
