using System.Runtime.InteropServices;

namespace Microsoft.ML.Diffusion;

/// <summary>Loads native libraries by path.</summary>
internal static class NativeFile
{
    private const int ElfHeaderSize = 64;

    /// <summary>Loads the library.</summary>
    /// <exception cref="DllNotFoundException">The system can not load it.</exception>
    /// <exception cref="BadImageFormatException">It is cut off, or made for another system.</exception>
    public static nint Load(string path)
    {
        // Linux maps a file without looking at its length, and kills the process when it reaches for what is not there.
        if (OperatingSystem.IsLinux() && IsCutOff(path))
            throw new BadImageFormatException($"'{path}' is cut off: install it again.");

        return NativeLibrary.Load(path);
    }

    /// <summary>Loads the library, if that is possible.</summary>
    public static bool TryLoad(string path, out nint handle)
    {
        try
        {
            handle = Load(path);
            return true;
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            handle = 0;
            return false;
        }
    }

    /// <summary>Whether the file ends before the table of sections, which linkers write last, does.</summary>
    private static bool IsCutOff(string path)
    {
        using var file = File.OpenRead(path);
        byte[] header = new byte[ElfHeaderSize];
        if (file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
            return true;

        var reader = new ElfReader(header);
        ulong table = reader.UInt64(0x28);
        uint size = (uint)reader.UInt16(0x3a) * reader.UInt16(0x3c);
        return table > (ulong)file.Length || (ulong)file.Length - table < size;
    }
}
