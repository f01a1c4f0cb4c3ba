using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Writes a safetensors file to a stream: the header at once, then the numbers of all tensors, one after the other, in pieces if wanted;
/// <see cref="Complete"/> at the end.
/// </summary>
/// <remarks>Does not own the stream, which need not seek. Equal tensors give equal bytes.</remarks>
public sealed class SafetensorsWriter
{
    private const int PieceNumbers = 1 << 14;

    // Names stay readable, and are the bytes that the reference library writes: no browser reads this.
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Stream _stream;
    private readonly SafetensorsEntry[] _entries;
    private int _index = -1;
    private long _left;

    /// <summary>Writes the header.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="entries">The tensors in the order in which they will be written.</param>
    /// <param name="metadata">What the file says about itself.</param>
    /// <exception cref="ArgumentException">Two tensors have one name, or a name is reserved; or a text holds half a surrogate pair.</exception>
    public SafetensorsWriter(Stream stream, IEnumerable<SafetensorsEntry> entries, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(entries);
        _stream = stream;
        _entries = [.. entries];
        var header = Header(metadata);
        // Tensors start at a multiple of 8 bytes.
        int padding = -header.Length & 7;
        Span<byte> length = stackalloc byte[SafetensorsHeader.LengthBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)(header.Length + padding));
        stream.Write(length);
        stream.Write(header);
        stream.Write("       "u8[..padding]);
        Advance();
    }

    /// <summary>Writes the next bytes, of the current tensor only.</summary>
    /// <param name="bytes">The bytes, little-endian.</param>
    /// <exception cref="ArgumentException">The tensor has fewer bytes left.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _left)
            throw new ArgumentException($"{_left} bytes of {(_index < _entries.Length ? _entries[_index] : "no tensor")} are left, {bytes.Length} were given.", nameof(bytes));
        _stream.Write(bytes);
        _left -= bytes.Length;
        Advance();
    }

    /// <summary>Writes the next numbers, of the current tensor only, as what it holds: F32, BF16 or F16, rounded to nearest.</summary>
    /// <param name="values">The numbers.</param>
    /// <exception cref="ArgumentException">The tensor has fewer numbers left.</exception>
    /// <exception cref="NotSupportedException">The tensor holds another type.</exception>
    public void Write(ReadOnlySpan<float> values)
    {
        if (values.Length == 0)
            return;
        var type = _index < _entries.Length ? _entries[_index].Type : throw new ArgumentException("All tensors are written.", nameof(values));
        if (type == SafetensorsType.F32)
        {
            Write(MemoryMarshal.AsBytes(values));
            return;
        }
        if (type != SafetensorsType.BF16 && type != SafetensorsType.F16)
            throw new NotSupportedException($"Numbers of {_entries[_index]} are written as bytes.");
        if (values.Length > _left / 2)
            throw new ArgumentException($"{_left / 2} numbers of {_entries[_index]} are left, {values.Length} were given.", nameof(values));
        var piece = new ushort[Math.Min(values.Length, PieceNumbers)];
        for (; values.Length > 0; values = values[Math.Min(values.Length, piece.Length)..])
        {
            int count = Math.Min(values.Length, piece.Length);
            for (int i = 0; i < count; i++)
                piece[i] = type == SafetensorsType.F16 ? BitConverter.HalfToUInt16Bits((Half)values[i]) : ToBFloat16(values[i]);
            Write(MemoryMarshal.AsBytes(piece.AsSpan(0, count)));
        }
    }

    /// <summary>Makes sure that every tensor was written whole, and flushes the stream, so that what it can not write fails here.</summary>
    /// <exception cref="InvalidOperationException">One was not; names it.</exception>
    public void Complete()
    {
        if (_index < _entries.Length)
            throw new InvalidOperationException($"{_left} bytes of tensor {_entries[_index]} were not written.");
        _stream.Flush();
    }

    // To nearest, ties to even; NaN stays NaN.
    private static ushort ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)(bits >> 16 | 0x40) : (ushort)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
    }

    private byte[] Header(IReadOnlyDictionary<string, string>? metadata)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Relaxed))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                    json.WriteString(Valid(key), Valid(value));
                json.WriteEndObject();
            }
            var names = new HashSet<string> { SafetensorsHeader.MetadataKey };
            long offset = 0;
            foreach (var entry in _entries)
            {
                if (!names.Add(entry.Name))
                    throw new ArgumentException($"The tensor name '{entry.Name}' is reserved or occurs twice.");
                WriteEntry(json, entry, offset);
                offset = checked(offset + entry.ByteCount);
            }
            json.WriteEndObject();
        }
        return bytes.Length <= SafetensorsHeader.MaxLength ? bytes.ToArray() : throw new ArgumentException("The header would exceed 100 MB.");
    }

    // The JSON writer would put another character in the place of half a surrogate pair.
    private static string Valid(string text)
    {
        try
        {
            _ = Strict.GetByteCount(text);
            return text;
        }
        catch (EncoderFallbackException exception)
        {
            throw new ArgumentException($"'{text}' is no valid text: it holds half a surrogate pair.", exception);
        }
    }

    private static void WriteEntry(Utf8JsonWriter json, SafetensorsEntry entry, long offset)
    {
        json.WriteStartObject(Valid(entry.Name));
        json.WriteString("dtype", entry.Type.Code);
        json.WriteStartArray("shape");
        foreach (long size in entry.Shape)
            json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(checked(offset + entry.ByteCount));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Advance()
    {
        while (_left == 0 && _index < _entries.Length)
            _left = ++_index < _entries.Length ? _entries[_index].ByteCount : 0;
    }
}
