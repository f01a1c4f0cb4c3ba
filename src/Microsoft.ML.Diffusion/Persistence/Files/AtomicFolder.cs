namespace Microsoft.ML.Diffusion;

/// <summary>Writes folders as a whole or not at all.</summary>
internal static class AtomicFolder
{
    /// <summary>Writes files beside the place of their folder, flushes them to the disk, and renames the folder. Missing folders above it are made.</summary>
    /// <param name="folder">The path of the folder; there must be none, or an empty one.</param>
    /// <param name="files">Their paths within the folder, and what writes each.</param>
    /// <exception cref="IOException">The folder is not empty, or can not be written.</exception>
    public static void Write(string folder, IReadOnlyCollection<(string File, Action<Stream> Write)> files)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var directory = new DirectoryInfo(full);
        if (directory.LinkTarget is not null)
            full = Path.TrimEndingDirectorySeparator(directory.ResolveLinkTarget(returnFinalTarget: true)!.FullName);
        if (Path.Exists(full) && (!Directory.Exists(full) || Directory.EnumerateFileSystemEntries(full).Any()))
            throw new IOException($"'{folder}' exists already, and is not empty: a model is saved into a new folder, so that no file of another one stays in it.");
        string parent = Path.GetDirectoryName(full) ?? throw new IOException($"'{folder}' is the root of a file system: a model is saved into a new folder.");
        DurableFolder.Create(parent);
        TemporaryName.RemoveAbandoned(parent);
        string temporary = TemporaryName.In(parent);
        try
        {
            Directory.CreateDirectory(temporary);
            foreach (var (file, write) in files)
            {
                string path = Path.Combine(temporary, file);
                DurableFolder.Create(Path.GetDirectoryName(path)!);
                using (var stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
                {
                    write(stream);
                    stream.Flush(flushToDisk: true);
                }
                DurableFolder.Flush(Path.GetDirectoryName(path)!);
            }
            if (Directory.Exists(full))
                Directory.Delete(full);
            Directory.Move(temporary, full);
            DurableFolder.Flush(parent);
        }
        catch
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
            throw;
        }
    }
}
