using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The pictures in a folder and the folders in it; the name of the sub-folder is the label.</summary>
internal sealed class ImageFolder
{
    private static readonly string[] _extensions = [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"];

    private readonly string _folder;
    private readonly (string Label, string Path)[] _files;

    /// <summary>Lists the pictures, in ordinal order.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">There is no picture in it.</exception>
    public ImageFolder(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
        _folder = folder;
        _files = [.. Pictures(folder, SearchOption.TopDirectoryOnly).Select(path => ("", path)).Concat(
            from sub in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)
            where !Path.GetFileName(sub).StartsWith('.')
            from path in Pictures(sub, SearchOption.AllDirectories)
            select (Path.GetFileName(sub), path))];
        if (_files.Length == 0)
            throw new InvalidDataException($"The folder '{folder}' and its sub-folders hold no picture ({string.Join(", ", _extensions)}).");
    }

    /// <summary>The number of files.</summary>
    public int Count => _files.Length;

    /// <summary>Decodes every file, on all cores.</summary>
    public PictureRecord[] Read(ImageDecoder decoder, bool skipUnreadable, IChannel channel)
    {
        var pictures = new PictureRecord?[_files.Length];
        var errors = new InvalidDataException?[_files.Length];
        Parallel.For(0, _files.Length, (i, loop) =>
        {
            try
            {
                pictures[i] = new(_files[i].Label, _files[i].Path, decoder.Decode(_files[i].Path));
            }
            catch (InvalidDataException exception)
            {
                errors[i] = exception;
                if (!skipUnreadable)
                    loop.Break();   // every file before this one is still read, so that the first bad one is named, always the same
            }
        });
        if (!skipUnreadable && errors.FirstOrDefault(error => error is not null) is { } first)
            throw new InvalidDataException(first.Message, first);
        foreach (InvalidDataException error in errors.OfType<InvalidDataException>())
            channel.Warning($"Left out: {error.Message}");
        PictureRecord[] usable = [.. pictures.OfType<PictureRecord>()];
        return usable.Length > 0
            ? usable
            : throw new InvalidDataException($"None of the {_files.Length} pictures in '{_folder}' can be used; the first: {errors[0]!.Message}");
    }

    private static IEnumerable<string> Pictures(string folder, SearchOption depth) =>
        Directory.EnumerateFiles(folder, "*", depth)
            .Where(path => _extensions.Contains(Path.GetExtension(path).ToLowerInvariant()))
            .Order(StringComparer.Ordinal);
}
