using Microsoft.ML.Diffusion.Transforms;
using SkiaSharp;

namespace Microsoft.ML.Diffusion;

/// <content>Pictures as bytes.</content>
public static partial class DiffusionImagesExtensions
{
    /// <summary>A picture as PNG.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="picture">The values, channel by channel, row by row, as a prediction engine gives them.</param>
    /// <param name="shape">The shape: 1, 3 or 4 channels, height, width.</param>
    /// <param name="options">Scale and range of values; the defaults unless given.</param>
    /// <returns>The bytes of a PNG file.</returns>
    /// <exception cref="ArgumentException">The picture is not of the shape, or a value is NaN or infinite.</exception>
    public static byte[] ToPng(this DiffusionImagesCatalog catalog, float[] picture, DataShape shape, PictureOptions? options = null)
        => Encode(catalog, picture, shape, options, _ => PictureEncoder.Png);

    /// <summary>A picture as JPEG; transparent parts are white.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="picture">The values, channel by channel, row by row, as a prediction engine gives them.</param>
    /// <param name="shape">The shape: 1, 3 or 4 channels, height, width.</param>
    /// <param name="options">Scale, range of values and quality; the defaults unless given.</param>
    /// <returns>The bytes of a JPEG file.</returns>
    /// <exception cref="ArgumentException">The picture is not of the shape, or a value is NaN or infinite.</exception>
    public static byte[] ToJpeg(this DiffusionImagesCatalog catalog, float[] picture, DataShape shape, PictureOptions? options = null)
        => Encode(catalog, picture, shape, options, Jpeg);

    /// <summary>The picture of the current row of a cursor, as PNG.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="row">The row or cursor, in which the column is active.</param>
    /// <param name="column">The column: a vector of Single [channels, height, width] with 1, 3 or 4 channels.</param>
    /// <param name="options">Scale and range of values; the defaults unless given.</param>
    /// <returns>The bytes of a PNG file.</returns>
    /// <exception cref="ArgumentException">There is no such column, or it holds no pictures, or a value is NaN or infinite.</exception>
    public static byte[] ToPng(this DiffusionImagesCatalog catalog, DataViewRow row, string column, PictureOptions? options = null)
        => Encode(catalog, row, column, options, _ => PictureEncoder.Png);

    /// <summary>The picture of the current row of a cursor, as JPEG; transparent parts are white.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="row">The row or cursor, in which the column is active.</param>
    /// <param name="column">The column: a vector of Single [channels, height, width] with 1, 3 or 4 channels.</param>
    /// <param name="options">Scale, range of values and quality; the defaults unless given.</param>
    /// <returns>The bytes of a JPEG file.</returns>
    /// <exception cref="ArgumentException">There is no such column, or it holds no pictures, or a value is NaN or infinite.</exception>
    public static byte[] ToJpeg(this DiffusionImagesCatalog catalog, DataViewRow row, string column, PictureOptions? options = null)
        => Encode(catalog, row, column, options, Jpeg);

    /// <summary>The pictures of a column, as PNG.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows.</param>
    /// <param name="column">The column: a vector of Single [channels, height, width] with 1, 3 or 4 channels.</param>
    /// <param name="options">Scale and range of values; the defaults unless given.</param>
    /// <returns>The bytes of a PNG file for each row, in order of the rows; read while they are enumerated.</returns>
    /// <exception cref="ArgumentException">There is no such column, or it holds no pictures, or a value is NaN or infinite.</exception>
    public static IEnumerable<byte[]> ToPng(this DiffusionImagesCatalog catalog, IDataView data, string column, PictureOptions? options = null)
        => Encode(catalog, data, column, options, _ => PictureEncoder.Png);

    /// <summary>The pictures of a column, as JPEG; transparent parts are white.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows.</param>
    /// <param name="column">The column: a vector of Single [channels, height, width] with 1, 3 or 4 channels.</param>
    /// <param name="options">Scale, range of values and quality; the defaults unless given.</param>
    /// <returns>The bytes of a JPEG file for each row, in order of the rows; read while they are enumerated.</returns>
    /// <exception cref="ArgumentException">There is no such column, or it holds no pictures, or a value is NaN or infinite.</exception>
    public static IEnumerable<byte[]> ToJpeg(this DiffusionImagesCatalog catalog, IDataView data, string column, PictureOptions? options = null)
        => Encode(catalog, data, column, options, Jpeg);

    private static PictureEncoder Jpeg(PictureOptions options) => PictureEncoder.Jpeg(options.Quality);

    private static byte[] Encode(DiffusionImagesCatalog catalog, float[] picture, DataShape shape, PictureOptions? options, Func<PictureOptions, PictureEncoder> format, string name = "The picture")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(picture);
        options ??= new();
        options.Validate();
        using SKBitmap bitmap = PictureBitmap.Create(picture, shape, options.Minimum, options.Maximum, options.Scale, name);
        return format(options).ToBytes(bitmap);
    }

    private static byte[] Encode(DiffusionImagesCatalog catalog, DataViewRow row, string column, PictureOptions? options, Func<PictureOptions, PictureEncoder> format)
    {
        ArgumentNullException.ThrowIfNull(row);
        DataShape shape = PictureColumn.ShapeOf(row.Schema, column, options?.ImageShape);
        var values = new float[shape.Size];
        new VectorReader(row, row.Schema[column]).Read(values);
        return Encode(catalog, values, shape, options, format);
    }

    private static IEnumerable<byte[]> Encode(DiffusionImagesCatalog catalog, IDataView data, string column, PictureOptions? options, Func<PictureOptions, PictureEncoder> format)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        options?.Validate();
        DataShape shape = PictureColumn.ShapeOf(data.Schema, column, options?.ImageShape);
        PictureBitmap.Check(shape);
        return PictureColumn.Read(data, column, labelName: null).Select((item, row) => Encode(catalog, item.Picture, shape, options, format, $"The picture of row {row}"));
    }
}
