using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Masks in [0, 1]: of the data's shape, or of a picture's height and width or a sequence's length, and then the same for all channels.</summary>
internal sealed record MaskInput(string Column) : RowInput(Column)
{
    public override DataViewSchema.Column Find(DataViewSchema schema, DataShape shape)
    {
        var column = VectorReader.Check(schema, Column);
        PictureLayout.RequireChannelsFirst(column, shape);
        int size = ((VectorDataViewType)column.Type).Size;
        if (size == shape.Size || (shape.Dimensions.Count > 1 && size == PlaneOf(shape)))
            return column;
        string expected = shape.Dimensions.Count > 1
            ? $"a mask of {PlaneOf(shape)} values, the {(shape.IsImage ? "height and width" : "length")} of training, or of {shape.Size}, its shape {shape}"
            : $"a mask of {shape.Size} values, the shape {shape} of training";
        throw SchemaErrors.Mismatch(Column, expected, column.Type);
    }

    public override BoundInput Bind(DataViewRow row, DataViewSchema.Column column, DenoiserSpec spec)
    {
        var reader = new VectorReader(row, column);
        return new BoundInput(spec.Shape.Size, values =>
        {
            reader.Read(values);
            if (IsMissing(values, reader.Size))
                return;
            for (int i = 0; i < reader.Size; i++)
                if (!(values[i] is >= 0 and <= 1))
                    throw Invalid(row, $"value {i} is {values[i]}, expected a mask in [0, 1]: 1 where the sample is made, 0 where the data is kept");
            for (int channel = reader.Size; channel < values.Length; channel += reader.Size)
                values[..reader.Size].CopyTo(values[channel..]);
        }, _ => { });
    }

    private static int PlaneOf(DataShape shape) => shape.Size / shape.Dimensions[0];
}
