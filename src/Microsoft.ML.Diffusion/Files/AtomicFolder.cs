namespace Microsoft.ML.Diffusion;

/// <summary>Writes folders as a whole or not at all.</summary>
internal static class AtomicFolder
{
    /// <summary>Writes files beside the place of their folder, flushes them to the disk, and renames the folder. Missing folders above it are made.</summary>
    /// <param name="folder">The path of the folder; there must be none, or an empty one.</param>
    /// <param name="files">Their paths within the folder, and what writes each.</param>
    /// <exception cref="IOException">There is a file, or a folder that is not empty; or the folder can not be written.</exception>
    public static void Write(string folder, IReadOnlyCollection<(string File, Action<Stream> Write)> files) => AtomicPlace.Write(
        folder,
        place =>
        {
            if (Path.Exists(place.Full) && !Directory.Exists(place.Full))
                throw new IOException("it is a file. A model is saved into a new folder.");
            if (Directory.Exists(place.Full) && Directory.EnumerateFileSystemEntries(place.Full).Any())
                throw new IOException("the folder is not empty. A model is saved into a new folder, so that no file of another one stays in it.");
            Directory.CreateDirectory(place.Temporary);
            foreach (var (file, write) in files)
                Write(Path.Combine(place.Temporary, file), write);
            if (Directory.Exists(place.Full))
                Directory.Delete(place.Full);
            Directory.Move(place.Temporary, place.Full);
        },
        temporary =>
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
        });

    private static void Write(string path, Action<Stream> write)
    {
        string folder = Path.GetDirectoryName(path)!;
        DurableFolder.Create(folder);
        AtomicFile.WriteNew(path, write);
        DurableFolder.Flush(folder);
    }
}
