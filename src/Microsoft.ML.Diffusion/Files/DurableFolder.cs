using System.Runtime.InteropServices;

namespace Microsoft.ML.Diffusion;

/// <summary>Folders whose entries outlive a power cut: on Unix a name is on the disk only when its folder has been flushed too.</summary>
internal static partial class DurableFolder
{
    private const int InputOutputError = 5; // EIO

    /// <summary>Makes a folder and those above it, where they are missing.</summary>
    /// <param name="folder">The path.</param>
    /// <exception cref="IOException">It can not be made; names the part of the path that is in the way.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be made.</exception>
    public static void Create(string folder)
    {
        folder = Path.GetFullPath(folder);
        var missing = new Stack<string>();
        for (string? at = folder; at is not null && !Directory.Exists(at); at = Path.GetDirectoryName(at))
        {
            if (Path.Exists(at))
                throw new IOException($"'{at}' is a file, not a folder.");
            missing.Push(at);
        }
        if (missing.Count == 0)
            return;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (DirectoryNotFoundException exception)
        {
            throw new IOException($"the folder '{Path.GetDirectoryName(missing.Peek())}' takes no new folders.", exception);
        }
        while (missing.TryPop(out string? made))
            Flush(Path.GetDirectoryName(made)!);
    }

    /// <summary>Writes the names in a folder to the disk. Windows does that by itself.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="IOException">The disk fails.</exception>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        int file = Open(folder, 0); // O_RDONLY
        if (file < 0)
            return;                 // a folder that may be written but not read
        // Some file systems have no such call for folders; that the disk fails is the one answer that matters.
        bool failed = Flush(file) != 0 && Marshal.GetLastPInvokeError() == InputOutputError;
        _ = Close(file);
        if (failed)
            throw new IOException($"The folder '{folder}' can not be flushed to the disk: the disk reports an error.");
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int file);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
