namespace Microsoft.ML.Diffusion;

/// <summary>Files for what does not fit into memory and nobody else shall see.</summary>
internal static class NamelessFile
{
    /// <summary>Makes a file in the temporary folder that is gone when it is closed, and when the process is killed.</summary>
    public static FileStream Open()
    {
        string path = Path.GetTempFileName();
        if (OperatingSystem.IsWindows())
            return new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        try
        {
            return new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16);
        }
        finally
        {
            // An open file lives on without its name.
            File.Delete(path);
        }
    }
}
