using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Reads a safetensors file from a stream, strictly and in bounded memory: nothing is allocated because a file claims it. Tensors come in
/// the order of their bytes: <see cref="Next"/>, then <see cref="ReadSingle"/> or <see cref="ReadBytes"/>, in pieces if wanted.
/// </summary>
/// <remarks>Does not own the stream, which need not seek. Files, and the machine, are little-endian.</remarks>
public sealed class SafetensorsReader
{
    private const int PieceBytes = 1 << 16;

    private readonly Stream _stream;
    private readonly SafetensorsEntry[] _entries;
    private readonly Dictionary<string, string> _metadata;
    private int _index = -1;
    private long _left;

    /// <summary>Reads the header.</summary>
    /// <param name="stream">The stream, at the beginning of the file.</param>
    /// <exception cref="InvalidDataException">The file is malformed; says how.</exception>
    public SafetensorsReader(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        (_entries, _metadata) = SafetensorsHeader.Read(stream);
        if (!stream.CanSeek)
            return;
        Int128 expected = 0;
        foreach (var entry in _entries)
            expected += entry.ByteCount;
        long found = stream.Length - stream.Position;
        if (found != expected)
            throw SafetensorsHeader.Invalid($"its tensors take {expected} bytes, {found} follow the header");
    }

    /// <summary>The tensors in the order of their bytes.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries => _entries;

    /// <summary>What the file says about itself.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The tensor being read; null before the first.</summary>
    public SafetensorsEntry? Current => _index >= 0 && _index < _entries.Length ? _entries[_index] : null;

    /// <summary>Goes on to the next tensor, over what is left of the current one. After the last one makes sure that the file ends.</summary>
    /// <returns>False after the last tensor.</returns>
    /// <exception cref="InvalidDataException">The file ends early, or goes on after its last tensor.</exception>
    public bool Next()
    {
        Span<byte> skipped = stackalloc byte[4096];
        while (_left > 0)
            ReadBytes(skipped[..(int)Math.Min(_left, skipped.Length)]);
        if (_index < _entries.Length)
            _index++;
        if (Current is { } entry)
        {
            _left = entry.ByteCount;
            return true;
        }
        if (_stream.Read(skipped[..1]) != 0)
            throw SafetensorsHeader.Invalid("bytes follow the last tensor");
        return false;
    }

    /// <summary>Reads the next bytes of the current tensor.</summary>
    /// <param name="bytes">Receives them; all of it is filled.</param>
    /// <exception cref="InvalidDataException">The file ends early.</exception>
    /// <exception cref="ArgumentException">The tensor has fewer bytes left.</exception>
    public void ReadBytes(Span<byte> bytes)
    {
        if (bytes.Length > _left)
            throw new ArgumentException($"{_left} bytes of {Current} are left, {bytes.Length} were asked for.", nameof(bytes));
        if (_stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw SafetensorsHeader.Invalid($"it ends within tensor {Current}");
        _left -= bytes.Length;
    }

    /// <summary>Reads the next numbers of the current tensor as Float32, rounding what does not fit.</summary>
    /// <param name="values">Receives them; all of it is filled.</param>
    /// <exception cref="InvalidDataException">The file ends early.</exception>
    /// <exception cref="ArgumentException">The tensor has fewer numbers left.</exception>
    public void ReadSingle(Span<float> values)
    {
        var type = Current?.Type ?? throw new InvalidOperationException($"Call {nameof(Next)} first.");
        if (type == SafetensorsType.F32)
        {
            ReadBytes(MemoryMarshal.AsBytes(values));
            return;
        }
        int size = SafetensorsEntry.SizeOf(type);
        if (values.Length > _left / size)
            throw new ArgumentException($"{_left / size} numbers of {Current} are left, {values.Length} were asked for.", nameof(values));
        var piece = new byte[Math.Min((long)values.Length * size, PieceBytes)];
        while (values.Length > 0)
        {
            var bytes = piece.AsSpan(0, (int)Math.Min((long)values.Length * size, piece.Length));
            ReadBytes(bytes);
            int count = bytes.Length / size;
            for (int i = 0; i < count; i++)
                values[i] = ToSingle(bytes[(i * size)..], type);
            values = values[count..];
        }
    }

    private static float ToSingle(ReadOnlySpan<byte> bytes, SafetensorsType type) => type switch
    {
        SafetensorsType.F64 => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        SafetensorsType.F16 => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        SafetensorsType.BF16 => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16),
        SafetensorsType.I64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        SafetensorsType.I32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        SafetensorsType.I16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        SafetensorsType.I8 => (sbyte)bytes[0],
        SafetensorsType.U64 => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        SafetensorsType.U32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        SafetensorsType.U16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        _ => bytes[0],
    };
}
