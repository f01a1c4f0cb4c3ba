using System.Text;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The length and SHA-256 sum of a stream in a model file.</summary>
internal sealed record StreamSeal(string Name, long Length, byte[] Hash)
{
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
        var seals = new StreamSeal[reader.ReadInt32()];
        for (int i = 0; i < seals.Length; i++)
            seals[i] = new StreamSeal(reader.ReadString(), reader.ReadInt64(), reader.ReadBytes(32));
        return seals;
    }
}
