using System.Buffers.Binary;
using System.IO.Compression;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Makes IDX files.</summary>
internal static class IdxBytes
{
    public static byte[] Make(byte type, uint[] sizes, ReadOnlySpan<byte> data)
    {
        byte[] file = new byte[4 + 4 * sizes.Length + data.Length];
        file[2] = type;
        file[3] = (byte)sizes.Length;
        for (int i = 0; i < sizes.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(4 + 4 * i), sizes[i]);
        data.CopyTo(file.AsSpan(4 + 4 * sizes.Length));
        return file;
    }

    public static byte[] Pictures(int count, int height, int width) =>
        Make(8, [(uint)count, (uint)height, (uint)width], [.. Enumerable.Range(0, count * height * width).Select(i => (byte)i)]);

    public static byte[] Labels(params byte[] labels) => Make(8, [(uint)labels.Length], labels);

    public static byte[] Zip(byte[] data)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Optimal))
            gzip.Write(data);
        return buffer.ToArray();
    }
}
