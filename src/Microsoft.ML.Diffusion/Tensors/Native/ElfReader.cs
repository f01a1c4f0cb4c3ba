using System.Buffers.Binary;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Little-endian reads from an image of unknown quality. A read beyond the end gives zero and marks the reader as
/// broken, so that a parser can run on and ask once, before it believes what it has read.
/// </summary>
internal ref struct ElfReader(ReadOnlySpan<byte> image)
{
    private readonly ReadOnlySpan<byte> image = image;

    /// <summary>Whether anything was read that is not there.</summary>
    public bool IsBroken { get; private set; }

    public ushort UInt16(ulong offset) => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(offset, sizeof(ushort)));

    public uint UInt32(ulong offset) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(offset, sizeof(uint)));

    public ulong UInt64(ulong offset) => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(offset, sizeof(ulong)));

    /// <summary>Whether the zero-terminated text at <paramref name="offset"/> is <paramref name="expected"/>.</summary>
    public bool TextIs(ulong offset, ReadOnlySpan<byte> expected)
    {
        _ = Bytes(offset, 1);
        if (IsBroken)
            return false;

        var rest = image[(int)offset..];
        return rest.Length > expected.Length && rest.StartsWith(expected) && rest[expected.Length] == 0;
    }

    private ReadOnlySpan<byte> Bytes(ulong offset, int count)
    {
        ulong length = (ulong)image.Length;
        if (offset <= length && length - offset >= (ulong)count)
            return image.Slice((int)offset, count);

        IsBroken = true;
        return "\0\0\0\0\0\0\0\0"u8;
    }
}
