using System.Runtime.CompilerServices;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion;

/// <summary>Reads pictures into memory, for training.</summary>
public static class DiffusionDataExtensions
{
    /// <summary>Reads a folder of pictures: PNG, JPEG, BMP, GIF (first frame) and WebP, of any size up to 2²⁷ pixels.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="folder">
    /// The folder. The name of the sub-folder (however deep a picture lies in it) is the label, in composed form (Unicode's NFC);
    /// pictures directly in the folder have the label "".
    /// Hidden files and folders are no data; links are followed, each folder once for each label.
    /// </param>
    /// <param name="width">The width to resize to.</param>
    /// <param name="height">The height to resize to.</param>
    /// <param name="channels">3 (red, green, blue) or 1 (grey: luma of Rec. 601).</param>
    /// <param name="options">What to do with pictures that can not be used, and column names; the defaults unless given.</param>
    /// <returns>
    /// Rows in ordinal order of their paths: <c>Label</c> (text), <c>Path</c> (text), <c>Pixels</c> (vector of Single [channels, height,
    /// width], 0 to 255).
    /// </returns>
    /// <remarks>
    /// A picture is turned as its EXIF orientation says, transparent parts become white, the largest centred rectangle of the aspect
    /// asked for is
    /// cut out and resized (bicubic, without aliasing). The files are listed at once; the first cursor decodes them, on all cores, and
    /// keeps
    /// channels · height · width bytes of each. A file or folder that can not be used fails that pass with an
    /// <see cref="InvalidDataException"/> that
    /// names it; with <see cref="ImageFolderOptions.SkipUnreadable"/> it is left out. One line of the log counts what is left out, files
    /// of other
    /// formats, and sub-folders without a picture.
    /// </remarks>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">There is no picture in it.</exception>
    public static IDataView LoadImages(
        this DiffusionDataCatalog catalog, string folder, int width, int height, int channels = 3, ImageFolderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        options ??= new();
        options.Validate();
        if (width is < 1 or > 8192 || height is < 1 or > 8192)
            throw new ArgumentOutOfRangeException(nameof(width), $"Expected a width and a height of 1 to 8192, got {width} × {height}.");
        if (channels is not (1 or 3))
            throw new ArgumentOutOfRangeException(nameof(channels), $"Expected 1 or 3 channels, got {channels}.");
        var files = new ImageFolder(folder);
        var shape = new DataShape(channels, height, width);
        var decoder = new ImageDecoder(shape, options.MaximumEnlargement);
        bool skip = options.SkipUnreadable;
        return new PictureDataView(
            catalog.Environment, shape, new(options.LabelColumn, options.PixelColumn, options.PathColumn),
            channel => files.Read(decoder, skip, channel), skip ? null : files.Count);
    }

    /// <summary>Reads a folder of coloured pictures, with options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="width">The width to resize to.</param>
    /// <param name="height">The height to resize to.</param>
    /// <param name="options">What to do with pictures that can not be used, and column names; the defaults where null.</param>
    ///
    /// <inheritdoc cref="LoadImages(DiffusionDataCatalog, string, int, int, int, ImageFolderOptions?)" path="/returns|/remarks|/exception"/>
    // new() { … } could be a number: here it is options.
    [OverloadResolutionPriority(1)]
    public static IDataView LoadImages(this DiffusionDataCatalog catalog, string folder, int width, int height, ImageFolderOptions? options)
        => catalog.LoadImages(folder, width, height, channels: 3, options);

    /// <summary>Reads a part of a data set in the files of the MNIST family (MNIST, Fashion-MNIST, KMNIST …), gzipped or not.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="folder">The folder that holds <c>train-images-idx3-ubyte</c> and its like, with or without <c>.gz</c>.</param>
    /// <param name="split">Which part.</param>
    /// <param name="classNames">The names of labels 0, 1, 2 …; the labels are "0", "1", "2" … unless given.</param>
    /// <returns>Rows as in the files: <c>Label</c> (text), <c>Pixels</c> (vector of Single [1, height, width], 0 to 255).</returns>
    /// <remarks>The files are read by this call and kept, a byte for each pixel.</remarks>
    /// <exception cref="FileNotFoundException">The folder does not hold them; names what was looked for.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or they do not belong together.</exception>
    public static IDataView LoadIdx(
        this DiffusionDataCatalog catalog, string folder, IdxSplit split = IdxSplit.Train, IReadOnlyList<string>? classNames = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        (string images, string labels) = IdxDataSet.Find(folder, split);
        return LoadIdx(catalog, images, labels, classNames);
    }

    /// <summary>Reads a pair of IDX files: pictures of unsigned bytes and their labels, gzipped or not.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="imagesFile">The file of pictures (idx3-ubyte).</param>
    /// <param name="labelsFile">The file of labels (idx1-ubyte).</param>
    /// <param name="classNames">The names of labels 0, 1, 2 …; the labels are "0", "1", "2" … unless given.</param>
    /// <returns>Rows as in the files: <c>Label</c> (text), <c>Pixels</c> (vector of Single [1, height, width], 0 to 255).</returns>
    /// <remarks>The files are read by this call and kept, a byte for each pixel. A header is checked before memory is asked for.</remarks>
    /// <exception cref="InvalidDataException">
    /// A file is damaged, or they do not belong together; names the file, what was got and what was expected.
    /// </exception>
    public static IDataView LoadIdx(this DiffusionDataCatalog catalog, string imagesFile, string labelsFile, IReadOnlyList<string>? classNames = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(imagesFile);
        ArgumentException.ThrowIfNullOrWhiteSpace(labelsFile);
        (DataShape shape, PictureRecord[] pictures) = IdxDataSet.Read(imagesFile, labelsFile, classNames);
        return new PictureDataView(catalog.Environment, shape, new("Label", "Pixels", Path: null), _ => pictures, pictures.Length);
    }
}
