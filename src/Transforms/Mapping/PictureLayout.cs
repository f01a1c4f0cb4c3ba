using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Recognises pictures that are not laid out channel by channel, and says how to make them so.</summary>
internal static class PictureLayout
{
    private const int MostColors = 4;

    private const string ExtractPixels = "ml.Transforms.ExtractPixels with interleavePixelColors: false";

    /// <summary>How a column of raw pictures becomes one of numbers; null for other types.</summary>
    /// <param name="type">The type of the column, or of its items.</param>
    /// <param name="name">The name of the column.</param>
    public static string? HelpFor(DataViewType type, string name) => type is ImageDataViewType
        ? $"Make numbers of the pictures: ml.Transforms.ResizeImages(\"{name}\", width, height), then ml.Transforms.ExtractPixels(\"{name}\", interleavePixelColors: false), whose values are those of each channel in turn."
        : null;

    /// <summary>Refuses a column whose pictures have their colours side by side, [height, width, channels]: no error shows in training, but nothing is learned.</summary>
    /// <param name="column">A vector.</param>
    /// <param name="shape">The shape that its pictures are said to have; null where the column's own dimensions say it.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is interleaved.</exception>
    public static void RequireChannelsFirst(DataViewSchema.Column column, DataShape? shape)
    {
        if (column.Type is not VectorDataViewType { Dimensions: [var height, var width, var channels] } type)
            return;
        bool interleaved = shape is null
            ? channels <= MostColors && height > MostColors && width > MostColors
            : shape.Dimensions is [var c, var h, var w] && (h, w, c) == (height, width, channels) && (c, h, w) != (height, width, channels);
        if (interleaved)
            throw SchemaErrors.Mismatch(column.Name, $"pictures [channels, height, width]{(shape is null ? "" : $" of the shape {shape}")}", type.ToString(),
                $"Its colours are interleaved, [height, width, channels]: use {ExtractPixels}.{(shape is null ? $" Pictures of {height} channels that are {width} high and {channels} wide need the option ImageShape = ({height}, {width}, {channels})." : "")}");
    }
}
