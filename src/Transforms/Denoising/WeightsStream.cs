using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// Weights as a safetensors stream (https://huggingface.co/docs/safetensors): the length of a JSON header, the header, the numbers.
/// Single precision, little endian.
/// </summary>
internal static class WeightsStream
{
    private const int LongestHeader = 100_000_000;

    /// <summary>Writes parameters.</summary>
    public static void Write(Stream stream, FlatParameters parameters)
    {
        byte[] header = Header(parameters.Inventory);
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        for (int i = 0; i < parameters.Inventory.Count; i++)
        {
            var values = new float[parameters.Inventory[i].Count];
            parameters.Read(i, values);
            stream.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }
    }

    /// <summary>Reads parameters.</summary>
    /// <param name="stream">A stream that can seek, at its start.</param>
    /// <param name="parameters">Receives the numbers; names and shapes must match.</param>
    /// <exception cref="InvalidDataException">A tensor is missing or of another shape; names it.</exception>
    public static void Read(Stream stream, FlatParameters parameters)
    {
        Span<byte> length = stackalloc byte[sizeof(long)];
        stream.ReadExactly(length);
        long headerLength = BinaryPrimitives.ReadInt64LittleEndian(length);
        if (headerLength is < 2 or > LongestHeader)
            throw new InvalidDataException($"The header of the weights has an impossible length of {headerLength}.");
        var header = new byte[headerLength];
        stream.ReadExactly(header);
        long start = stream.Position;
        var entries = JsonSerializer.Deserialize<Dictionary<string, Entry>>(header) ?? [];
        for (int i = 0; i < parameters.Inventory.Count; i++)
        {
            var parameter = parameters.Inventory[i];
            if (!entries.TryGetValue(parameter.Name, out var entry))
                throw new InvalidDataException($"The weights hold no tensor '{parameter.Name}'.");
            if (entry.dtype != "F32" || !entry.shape.SequenceEqual(parameter.Shape))
                throw new InvalidDataException($"Tensor '{parameter.Name}' is {entry.dtype} [{string.Join(", ", entry.shape)}], expected F32 [{string.Join(", ", parameter.Shape)}].");
            var values = new float[parameter.Count];
            stream.Position = start + entry.data_offsets[0];
            stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
            parameters.Write(i, values);
        }
        parameters.PublishWeights();
    }

    private static byte[] Header(IReadOnlyList<ParameterInfo> inventory)
    {
        var entries = new Dictionary<string, Entry>();
        long offset = 0;
        foreach (var parameter in inventory)
        {
            long end = offset + parameter.Count * sizeof(float);
            entries.Add(parameter.Name, new Entry("F32", [.. parameter.Shape], [offset, end]));
            offset = end;
        }
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(entries);
        // Spaces at the end align the numbers.
        int padded = (json.Length + 7) / 8 * 8;
        var header = new byte[padded];
        header.AsSpan().Fill((byte)' ');
        json.CopyTo(header, 0);
        return header;
    }

#pragma warning disable IDE1006 // The names of the format.
    private sealed record Entry(string dtype, long[] shape, long[] data_offsets);
#pragma warning restore IDE1006
}
