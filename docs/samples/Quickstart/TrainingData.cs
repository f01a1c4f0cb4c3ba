using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Diffusion;

namespace Quickstart;

/// <summary>The pictures to train on: columns Label (text) and Pixels (vector of Single [channels, height, width]).</summary>
internal static class TrainingData
{
    private const int ShapeCount = 3600;
    private const int FolderSize = 32;

    public static IDataView Load(MLContext ml, Settings settings)
    {
        if (settings.Data is null)
            return ShapePictures.Load(ml, ShapeCount, settings.Seed);
        return UserException.Guard(() => IsIdx(settings.Data) ? LoadIdx(ml, settings) : LoadFolder(ml, settings));
    }

    /// <summary>The different labels, in order of their names.</summary>
    public static string[] Labels(IDataView pictures) =>
        [.. pictures.GetColumn<ReadOnlyMemory<char>>("Label").Select(label => label.ToString()).Distinct().Order(StringComparer.Ordinal)];

    private static bool IsIdx(string folder) =>
        Directory.Exists(folder) && Directory.EnumerateFiles(folder, "train-images*idx3-ubyte*").Any();

    private static IDataView LoadIdx(MLContext ml, Settings settings)
    {
        if (settings.Size is not null)
            throw new UserException("--size is for folders of pictures; IDX files are used as they are.");
        return ml.Diffusion().Data.LoadIdx(settings.Data!, classNames: settings.Classes);
    }

    private static IDataView LoadFolder(MLContext ml, Settings settings)
    {
        if (settings.Classes is not null)
            throw new UserException("--classes is for IDX files; in a folder of pictures the sub-folders are the classes.");
        int size = settings.Size ?? FolderSize;
        IDataView pictures = ml.Diffusion().Data.LoadImages(settings.Data!, size, size);
        // Decodes every file now, so that one that can not be used is told before anything is trained.
        if (Labels(pictures).Contains(""))
            throw new UserException($"There are pictures directly in '{settings.Data}': put each into a sub-folder, one for each class.");
        return pictures;
    }
}
