using System.Buffers.Binary;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>What the end of a zip archive says of its directory, before any of it is read.</summary>
internal static class ZipDirectory
{
    private const int EndLength = 22, CountOffset = 10, LongestComment = ushort.MaxValue;

    /// <summary>What the last record of an archive begins with.</summary>
    public static ReadOnlySpan<byte> EndSignature => [(byte)'P', (byte)'K', 5, 6];

    /// <summary>The number of entries that the archive says it has; 65,535 stands for that or more.</summary>
    /// <param name="stream">The archive; it can seek.</param>
    /// <exception cref="FormatException">It is no archive.</exception>
    public static int CountOf(Stream stream)
    {
        int length = (int)Math.Min(stream.Length, EndLength + LongestComment);
        byte[] end = new byte[length];
        stream.Seek(-length, SeekOrigin.End);
        stream.ReadExactly(end);
        int at = end.AsSpan().LastIndexOf(EndSignature);
        return at >= 0 && at + EndLength <= length
            ? BinaryPrimitives.ReadUInt16LittleEndian(end.AsSpan(at + CountOffset))
            : throw new FormatException("The model file is no zip archive, or was cut off: it has no directory.");
    }
}
