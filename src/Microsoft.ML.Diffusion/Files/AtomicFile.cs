namespace Microsoft.ML.Diffusion;

/// <summary>Writes files as a whole or not at all. All that the library saves under a path goes this way.</summary>
internal static class AtomicFile
{
    /// <summary>
    /// Writes a file beside its place, flushes it to the disk, and renames it. Where that fails, an older file stays as it was. Missing folders are made;
    /// a link is followed, so that it stays one; what a killed process left half-written in the folder is removed.
    /// </summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="ArgumentException">The path is that of a folder, a pipe or a device.</exception>
    /// <exception cref="IOException">The file can not be written; names the path as given, and says why.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        CheckPath(path);
        AtomicPlace.Write(path, place =>
        {
            WriteNew(place.Temporary, write);
            File.Move(place.Temporary, place.Full, overwrite: true);
        }, temporary =>
        {
            if (File.Exists(temporary))
                File.Delete(temporary);
        });
    }

    /// <summary>Writes a file that is not there yet, through to the disk.</summary>
    /// <param name="path">The path.</param>
    /// <param name="write">Writes the content.</param>
    public static void WriteNew(string path, Action<Stream> write)
    {
        // Locked, so that nobody takes it for abandoned.
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        write(stream);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Writes text in UTF-8.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="text">The whole content.</param>
    public static void Write(string path, string text) => Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true);
        writer.Write(text);
    });

    /// <summary>Refuses the path of a folder, a pipe or a device, before any work is done for a file there.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="ArgumentException">It ends in a slash, or there is a folder, a pipe or a device of that name.</exception>
    public static void CheckPath(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (Path.EndsInDirectorySeparator(path))
            throw new ArgumentException($"Expected the path of a file, got '{path}', which ends in a slash as the path of a folder does.", nameof(path));
        if (Directory.Exists(path))
            throw new ArgumentException($"Expected the path of a file, got '{path}', which is a folder.", nameof(path));
        if (RegularFile.IsPipeOrDevice(path))
            throw new ArgumentException($"Expected the path of a file, got '{path}', which is a pipe or a device, and would be replaced. Open it, and pass the stream where one is taken.", nameof(path));
    }
}
