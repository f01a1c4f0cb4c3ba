using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Data in the units of the data of training, and of its shape unless another is given.</summary>
internal sealed record DataInput(string Column) : RowInput(Column)
{
    /// <summary>The shape of a row; that of training where null.</summary>
    public DataShape? Shape { get; init; }

    public override DataViewSchema.Column Find(DataViewSchema schema, DataShape shape)
    {
        if (Shape is null || Shape.Equals(shape))
            return DataColumn.Check(schema, Column, shape);
        var column = VectorReader.Check(schema, Column);
        PictureLayout.RequireChannelsFirst(column, Shape);
        return ((VectorDataViewType)column.Type).Size == Shape.Size
            ? column
            : throw SchemaErrors.Mismatch(Column, $"a vector of {Shape.Size} values, the shape {Shape}", column.Type);
    }

    public override BoundInput Bind(DataViewRow row, DataViewSchema.Column column, DenoiserSpec spec)
    {
        var reader = new VectorReader(row, column);
        return new BoundInput((Shape ?? spec.Shape).Size, values =>
        {
            reader.Read(values);
            if (IsMissing(values, values.Length))
                return;
            if (spec.Codec.FindInvalid(values) is { } problem)
                throw Invalid(row, problem);
        }, spec.Codec.Encode);
    }
}
