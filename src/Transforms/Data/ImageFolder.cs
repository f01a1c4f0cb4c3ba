using System.Runtime.ExceptionServices;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The pictures in a folder and the folders in it; the name of the sub-folder is the label.</summary>
internal sealed class ImageFolder
{
    private readonly string _folder;
    private readonly FolderScan _scan;

    /// <summary>Lists the pictures, in ordinal order.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">There is no picture in it.</exception>
    public ImageFolder(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
        _folder = folder;
        _scan = new FolderScan(folder);
        if (_scan.Files.Count == 0)
            throw new InvalidDataException($"The folder '{folder}' and its sub-folders hold no picture ({FolderScan.Formats}). {string.Join(' ', _scan.Problems.Prepend(_scan.Describe()))}".TrimEnd());
    }

    /// <summary>The number of files.</summary>
    public int Count => _scan.Files.Count;

    /// <summary>Decodes every file, on all cores. What is passed over or left out is one line of the log.</summary>
    public PictureRecord[] Read(ImageDecoder decoder, bool skipUnreadable, IChannel channel)
    {
        if (!skipUnreadable && _scan.Problems.Count > 0)
            throw new InvalidDataException(_scan.Problems[0]);
        var files = _scan.Files;
        var pictures = new PictureRecord?[files.Count];
        var errors = new InvalidDataException?[files.Count];
        Parallel.For(0, files.Count, (i, loop) =>
        {
            try
            {
                pictures[i] = new(files[i].Label, files[i].Path, decoder.Decode(files[i].Path));
            }
            catch (InvalidDataException exception)
            {
                errors[i] = exception;
                if (!skipUnreadable)
                    loop.Break();   // every file before this one is still read, so that the first bad one is named, always the same
            }
        });
        string[] left = [.. _scan.Problems, .. errors.OfType<InvalidDataException>().Select(error => error.Message)];
        if (!skipUnreadable && errors.OfType<InvalidDataException>().FirstOrDefault() is { } first)
            ExceptionDispatchInfo.Throw(first);
        PictureRecord[] usable = [.. pictures.OfType<PictureRecord>()];
        if (usable.Length == 0)
            throw new InvalidDataException(files.Count == 1
                ? $"The only picture in '{_folder}' can not be used: {left[^1]}"
                : $"None of the {files.Count} pictures in '{_folder}' can be used; the first: {left[^files.Count]}");
        Report(channel, left, [.. files.Select(file => file.Label).Except(usable.Select(picture => picture.Label))]);
        return usable;
    }

    private void Report(IChannel channel, string[] left, string[] lostClasses)
    {
        string report = _scan.Describe();
        if (left.Length > 0)
            report = $"Left out: {left.Length} that can not be used: {Summary.Of([.. left.Select(problem => problem.TrimEnd('.'))])}. {report}";
        if (lostClasses.Length > 0)
            report = $"No picture of {Summary.Of([.. lostClasses.Select(label => $"'{label}'")])} can be used. {report}";
        if (report.Length == 0)
            return;
        report = $"Pictures in '{_folder}': {report}".TrimEnd();
        if (left.Length > 0 || _scan.HasEmptyClasses)
            channel.Warning(MessageSensitivity.UserData, "{0}", report);
        else
            channel.Info(MessageSensitivity.UserData, "{0}", report);
    }
}
