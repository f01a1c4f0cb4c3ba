using Microsoft.ML.Diffusion.Transforms;
using SkiaSharp;

namespace Microsoft.ML.Diffusion;

/// <summary>Writes pictures and plots as PNG or JPEG: files, streams or bytes.</summary>
/// <remarks>
/// The path ends in .png, .jpg or .jpeg; missing folders are made; a file is written whole or not at all. Streams get PNG, are written to at once
/// and stay open. Text is drawn with an embedded font. On Linux the program brings SkiaSharp.NativeAssets.Linux or its variant without dependencies.
/// </remarks>
public static partial class DiffusionImagesExtensions
{
    /// <summary>Draws the pictures of a column on one sheet.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows.</param>
    /// <param name="column">The column: a vector of Single [channels, height, width] with 1, 3 or 4 channels.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="options">Labels, titles, scale, range of values; the defaults unless given.</param>
    /// <exception cref="ArgumentException">There is no such column, it holds no pictures, there is no row, or a value is NaN or infinite.</exception>
    public static void SaveGrid(this DiffusionImagesCatalog catalog, IDataView data, string column, string path, PictureGridOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        PictureFile.CheckPath(path);
        using SKBitmap sheet = Sheet(data, column, options);
        PictureFile.Save(sheet, path);
    }

    /// <summary>Draws the pictures of a column on one sheet, as PNG.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows.</param>
    /// <param name="column">The column: a vector of Single [channels, height, width] with 1, 3 or 4 channels.</param>
    /// <param name="stream">The stream to write to.</param>
    /// <param name="options">Labels, titles, scale, range of values; the defaults unless given.</param>
    /// <exception cref="ArgumentException">There is no such column, it holds no pictures, there is no row, or a value is NaN or infinite.</exception>
    public static void SaveGrid(this DiffusionImagesCatalog catalog, IDataView data, string column, Stream stream, PictureGridOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(stream);
        using SKBitmap sheet = Sheet(data, column, options);
        PictureEncoder.Png.Write(sheet, stream);
    }

    /// <summary>Draws pictures on one sheet.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="pictures">Line by line; each channel by channel, row by row.</param>
    /// <param name="shape">The shape of each: 1, 3 or 4 channels, height, width.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="options">Titles, scale, range of values; the defaults unless given.</param>
    /// <exception cref="ArgumentException">There is no picture, or one is not of the shape.</exception>
    public static void SaveGrid(
        this DiffusionImagesCatalog catalog, IReadOnlyList<float[]> pictures, DataShape shape, string path, PictureGridOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(pictures);
        PictureFile.CheckPath(path);
        using SKBitmap sheet = Sheet(pictures, shape, options);
        PictureFile.Save(sheet, path);
    }

    /// <summary>Draws pictures on one sheet, as PNG.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="pictures">Line by line; each channel by channel, row by row.</param>
    /// <param name="shape">The shape of each: 1, 3 or 4 channels, height, width.</param>
    /// <param name="stream">The stream to write to.</param>
    /// <param name="options">Titles, scale, range of values; the defaults unless given.</param>
    /// <exception cref="ArgumentException">There is no picture, or one is not of the shape.</exception>
    public static void SaveGrid(
        this DiffusionImagesCatalog catalog, IReadOnlyList<float[]> pictures, DataShape shape, Stream stream, PictureGridOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentNullException.ThrowIfNull(stream);
        using SKBitmap sheet = Sheet(pictures, shape, options);
        PictureEncoder.Png.Write(sheet, stream);
    }

    /// <summary>Writes each picture of a column to a file of its own: LABEL_INDEX.png, or INDEX.png without labels, indices from 0 for each label.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows.</param>
    /// <param name="column">The column: a vector of Single [channels, height, width] with 1, 3 or 4 channels.</param>
    /// <param name="folder">Where the files go; made where it is missing. Files of the same names are replaced, others stay.</param>
    /// <param name="options">Labels, scale, range of values; the defaults unless given.</param>
    /// <returns>The paths written, in order of the rows.</returns>
    public static IReadOnlyList<string> SavePictures(
        this DiffusionImagesCatalog catalog, IDataView data, string column, string folder, PictureFilesOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        options ??= new();
        options.Validate();
        DataShape shape = PictureColumn.ShapeOf(data.Schema, column, options.ImageShape);
        PictureBitmap.Check(shape);
        var counts = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var paths = new List<string>();
        foreach ((string label, float[] picture) in PictureColumn.Read(data, column, options.LabelColumn))
        {
            string prefix = options.LabelColumn is null ? "" : FileNames.Sanitize(label) + "_";
            int index = counts.GetValueOrDefault(prefix);
            counts[prefix] = index + 1;
            string path = Path.Combine(folder, $"{prefix}{index}.png");
            using SKBitmap bitmap = PictureBitmap.Create(picture, shape, options.Minimum, options.Maximum, options.Scale, $"The picture of row {paths.Count}");
            PictureFile.Save(bitmap, path);
            paths.Add(path);
        }
        return paths;
    }

    private static SKBitmap Sheet(IDataView data, string column, PictureGridOptions? options)
    {
        options ??= new();
        options.Validate();
        DataShape shape = PictureColumn.ShapeOf(data.Schema, column, options.ImageShape);
        var pictures = PictureColumn.Read(data, column, options.LabelColumn).Take(options.Limit).ToArray();
        return new PictureSheet(shape, options.LabelColumn is null
            ? PictureLines.Flow([.. pictures.Select(item => item.Picture)], options)
            : PictureLines.ByLabel(pictures, options), options).Draw();
    }

    private static SKBitmap Sheet(IReadOnlyList<float[]> pictures, DataShape shape, PictureGridOptions? options)
    {
        options ??= new();
        options.Validate();
        if (options.LabelColumn is not null)
            throw new ArgumentException($"{nameof(PictureGridOptions.LabelColumn)} is a column of an IDataView; arrays have {nameof(PictureGridOptions.RowTitles)}.", nameof(options));
        return new PictureSheet(shape, PictureLines.Flow(pictures, options), options).Draw();
    }
}
