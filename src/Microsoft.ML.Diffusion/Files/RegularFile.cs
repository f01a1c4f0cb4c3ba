using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.Diffusion;

/// <summary>Opens files that have bytes of their own. A pipe is refused, where opening it the usual way would wait for a writer for ever.</summary>
internal static unsafe partial class RegularFile
{
    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">The path.</param>
    /// <param name="share">What others may do meanwhile.</param>
    /// <param name="bufferSize">The size of the buffer; 0 has none.</param>
    /// <exception cref="IOException">There is no such file, it is a pipe or a device, or it can not be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static FileStream Open(string path, FileShare share = FileShare.Read, int bufferSize = 4096)
    {
        RefusePipe(path);
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, share, bufferSize);
        if (stream.CanSeek)
            return stream;
        stream.Dispose();
        throw NotRegular(path);
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The path.</param>
    /// <param name="limit">The most bytes that are read.</param>
    /// <exception cref="InvalidDataException">It is longer than the limit.</exception>
    /// <exception cref="IOException">There is no such file, it is a pipe or a device, or it can not be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static byte[] ReadAllBytes(string path, long limit = int.MaxValue)
    {
        using FileStream stream = Open(path, bufferSize: 0);
        limit = Math.Min(limit, Array.MaxLength);
        if (stream.Length > limit)
            throw new InvalidDataException($"'{path}' has {stream.Length} bytes, more than the {limit} that are read.");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Whether a path, or what it links to, is that of a pipe or a device, which writing a file there would replace. Known on Linux alone.</summary>
    /// <param name="path">The path.</param>
    public static bool IsPipeOrDevice(string path)
    {
        const int CurrentFolder = -100, ModeAt = 28, Size = 256; // AT_FDCWD; struct statx, the same on every processor
        const uint TypeAlone = 1;                                // STATX_TYPE
        const int Kind = 0xF000, File = 0x8000, Folder = 0x4000; // S_IFMT, S_IFREG, S_IFDIR
        if (!OperatingSystem.IsLinux())
            return false;
        byte* status = stackalloc byte[Size];
        return Status(CurrentFolder, path, 0, TypeAlone, status) == 0 && (*(ushort*)(status + ModeAt) & Kind) is not (File or Folder);
    }

    private static void RefusePipe(string path)
    {
        // O_NONBLOCK | O_CLOEXEC: opening does not wait for a writer then. What can not be opened so, the usual way names.
        int? flags = OperatingSystem.IsLinux() ? 0x800 | 0x80000 : OperatingSystem.IsMacOS() ? 0x4 | 0x1000000 : null;
        if (flags is null)
            return;
        using var handle = new SafeFileHandle(Open(path, flags.Value), ownsHandle: true);
        if (!handle.IsInvalid && Seek(handle, 0, 1) < 0) // SEEK_CUR
            throw NotRegular(path);
    }

    private static IOException NotRegular(string path) => new($"'{path}' is a pipe or a device, not a file.");

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int folder, string path, int flags, uint wanted, byte* status);

    [LibraryImport("libc", EntryPoint = "lseek")]
    private static partial long Seek(SafeFileHandle file, long offset, int origin);
}
