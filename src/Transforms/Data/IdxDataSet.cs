using System.Globalization;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A pair of IDX files: pictures and their labels.</summary>
internal static class IdxDataSet
{
    // As published, as unpacked by the tools that turn the last dash into a point, each gzipped or not.
    private static readonly string[] _endings = ["-idx{0}-ubyte", "-idx{0}-ubyte.gz", ".idx{0}-ubyte", ".idx{0}-ubyte.gz"];

    /// <summary>The files of a part of a data set in a folder, under the names of the MNIST family.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static (string Images, string Labels) Find(string folder, IdxSplit split)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
        string[] prefixes = split == IdxSplit.Train ? ["train"] : ["t10k", "test"];
        return (FindFile(folder, prefixes, "images", 3), FindFile(folder, prefixes, "labels", 1));
    }

    /// <summary>Reads both files.</summary>
    /// <returns>The shape [1, H, W] and the pictures.</returns>
    public static (DataShape Shape, PictureRecord[] Pictures) Read(string imagesFile, string labelsFile, IReadOnlyList<string>? classNames)
    {
        using IdxFile images = IdxFile.Open(imagesFile, dimensions: 3, "pictures");
        using IdxFile labels = IdxFile.Open(labelsFile, dimensions: 1, "labels");
        if (images.Sizes[0] != labels.Sizes[0])
            throw new InvalidDataException($"'{imagesFile}' has {Plural.Of(images.Sizes[0], "picture")}, but '{labelsFile}' has {Plural.Of(labels.Sizes[0], "label")}.");
        var shape = new DataShape(1, images.Sizes[1], images.Sizes[2]);
        // Grows with what is really there: a header may claim anything.
        var pictures = new List<PictureRecord>();
        Span<byte> label = stackalloc byte[1];
        for (int i = 0; i < images.Sizes[0]; i++)
        {
            byte[] pixels = new byte[shape.Size];
            images.ReadItem(pixels, i);
            labels.ReadItem(label, i);
            if (classNames is not null && label[0] >= classNames.Count)
                throw new InvalidDataException($"'{labelsFile}': label {i} is {label[0]}, but there are only {classNames.Count} class names.");
            pictures.Add(new(classNames?[label[0]] ?? label[0].ToString(CultureInfo.InvariantCulture), "", pixels));
        }
        images.ExpectEnd();
        labels.ExpectEnd();
        return (shape, [.. pictures]);
    }

    private static string FindFile(string folder, string[] prefixes, string content, int dimensions)
    {
        string[] names = [.. from prefix in prefixes
                             from ending in _endings
                             select $"{prefix}-{content}{string.Format(CultureInfo.InvariantCulture, ending, dimensions)}"];
        return names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"The folder '{folder}' has none of {string.Join(", ", names)}.");
    }
}
