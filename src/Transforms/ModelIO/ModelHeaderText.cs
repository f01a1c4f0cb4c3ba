using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Which loaders a part of a model file names: from the header that ML.NET writes before each part, read without anything being made of it.</summary>
/// <param name="Loaders">The names of its loader, and of a second one that is tried after it; at most two.</param>
/// <param name="Assembly">The assembly that ML.NET would load before it looks for them; empty for none.</param>
internal sealed record ModelHeaderText(IReadOnlyList<string> Loaders, string Assembly)
{
    // ML.NET's ModelHeader: its length, and where in it the names are.
    private const int Length = 0x100, FirstLoader = 0x50, SecondLoader = 0x68, LoaderLength = 24, AssemblyPlace = 0x90, AssemblySize = 0x98;
    private const int LongestAssembly = 4096;

    private static ReadOnlySpan<byte> Signature => "ML\0MODEL"u8;

    /// <summary>Reads the header of a part.</summary>
    /// <param name="stream">The part; it need not seek.</param>
    /// <exception cref="FormatException">It is no part of a model.</exception>
    public static ModelHeaderText Read(Stream stream)
    {
        byte[] header = new byte[Length];
        if (stream.ReadAtLeast(header, Length, throwOnEndOfStream: false) < Length || !header.AsSpan().StartsWith(Signature))
            throw new FormatException("it has no header");
        string[] loaders = [.. new[] { Text(header, FirstLoader), Text(header, SecondLoader) }.Where(name => name.Length > 0)];
        long place = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(AssemblyPlace));
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(AssemblySize));
        if (size == 0)
            return new ModelHeaderText(loaders, "");
        if (place < Length || size > LongestAssembly)
            throw new FormatException("its header is damaged");
        Skip(stream, place - Length);
        byte[] name = new byte[size];
        if (stream.ReadAtLeast(name, name.Length, throwOnEndOfStream: false) < name.Length)
            throw new FormatException("it ends within its header");
        return new ModelHeaderText(loaders, Encoding.Unicode.GetString(name));
    }

    private static string Text(byte[] header, int place) => Encoding.Latin1.GetString(header, place, LoaderLength).TrimEnd('\0');

    private static void Skip(Stream stream, long count)
    {
        byte[] piece = new byte[1 << 16];
        for (int read; count > 0; count -= read)
            if ((read = stream.Read(piece, 0, (int)Math.Min(piece.Length, count))) == 0)
                throw new FormatException("it ends before its names");
    }
}
