using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Columns that hold samples: their types and how they fit a shape.</summary>
internal static class DataColumn
{
    /// <summary>The type of a column of samples.</summary>
    public static VectorDataViewType TypeOf(DataShape shape) => new(NumberDataViewType.Single, shape.Dimensions.ToArray());

    /// <summary>A column of samples to add, with the slot names of the data.</summary>
    /// <param name="name">The name of the column.</param>
    /// <param name="shape">The shape of a sample.</param>
    /// <param name="slotNames">The names; null for none.</param>
    public static DataViewSchema.DetachedColumn Of(string name, DataShape shape, IReadOnlyList<string>? slotNames)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        SlotNames.Add(annotations, slotNames);
        return new DataViewSchema.DetachedColumn(name, TypeOf(shape), annotations.ToAnnotations());
    }

    /// <summary>Finds a column of samples of a known shape.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing, no known-size vector of Single, of another size, or of interleaved colours.</exception>
    public static DataViewSchema.Column Check(DataViewSchema schema, string name, DataShape shape)
    {
        var column = VectorReader.Check(schema, name);
        if (((VectorDataViewType)column.Type).Size != shape.Size)
            throw SchemaErrors.Mismatch(name, $"a vector of {shape.Size} values, the shape {shape} of training", column.Type);
        PictureLayout.RequireChannelsFirst(column, shape);
        return column;
    }

    /// <summary>The shape of the samples in a column.</summary>
    /// <param name="column">A known-size vector of Single.</param>
    /// <param name="imageShape">(channels, height, width), where the user says that flat vectors are pictures.</param>
    /// <exception cref="ArgumentOutOfRangeException">Neither vector, sequence nor picture, of interleaved colours, or the sizes disagree.</exception>
    public static DataShape ShapeOf(DataViewSchema.Column column, DataShape? imageShape)
    {
        PictureLayout.RequireChannelsFirst(column, imageShape);
        var type = (VectorDataViewType)column.Type;
        if (imageShape is not null)
        {
            if (!imageShape.IsImage || imageShape.Size != type.Size)
                throw SchemaErrors.Mismatch(column.Name, $"vectors of {imageShape.Size} values, as ImageShape {imageShape} says", type);
            return imageShape;
        }
        if (type.Dimensions.Length is 1 or 2 or 3)
            return new DataShape([.. type.Dimensions]);
        throw SchemaErrors.Mismatch(column.Name, "a vector of 1 dimension, a sequence of 2 (channels, length), or a picture of 3 (channels, height, width)", type,
            "Give the shape in the option ImageShape.");
    }
}
