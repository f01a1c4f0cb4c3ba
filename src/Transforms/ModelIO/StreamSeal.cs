using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The length and SHA-256 sum of a stream in a model file.</summary>
internal sealed record StreamSeal(string Name, long Length, byte[] Hash)
{
    // An empty name, a length and a sum.
    private const int Smallest = 1 + sizeof(long) + SHA256.HashSizeInBytes;

    public static byte[] Write(IReadOnlyList<StreamSeal> seals)
    {
        var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write(seals.Count);
        foreach (var seal in seals)
        {
            writer.Write(seal.Name);
            writer.Write(seal.Length);
            writer.Write(seal.Hash);
        }
        writer.Flush();
        return bytes.ToArray();
    }

    public static IReadOnlyList<StreamSeal> Read(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        int count = reader.ReadInt32();
        if (count < 0 || count > bytes.Length / Smallest)
            throw new InvalidDataException($"its list of streams claims {count} entries in {bytes.Length} bytes");
        var seals = new StreamSeal[count];
        for (int i = 0; i < seals.Length; i++)
            seals[i] = new StreamSeal(reader.ReadString(), reader.ReadInt64(), ReadHash(reader));
        return seals;
    }

    private static byte[] ReadHash(BinaryReader reader)
        => reader.ReadBytes(SHA256.HashSizeInBytes) is { Length: SHA256.HashSizeInBytes } hash ? hash : throw new EndOfStreamException("its list of streams ends within a sum");
}
