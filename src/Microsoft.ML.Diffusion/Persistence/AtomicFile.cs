namespace Microsoft.ML.Diffusion;

/// <summary>Writes files as a whole or not at all.</summary>
internal static class AtomicFile
{
    /// <summary>Writes a file beside its place, flushes it to the disk, and renames it. Where that fails, an older file stays as it was.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="write">Writes the content.</param>
    public static void Write(string path, Action<Stream> write)
    {
        string full = Path.GetFullPath(path);
        string temporary = Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Path.GetRandomFileName()}");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
