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
    /// <exception cref="NotSupportedException">The numbers are complex, or of 4 or 6 bits.</exception>
    public void ReadSingle(Span<float> values)
    {
        var type = Current?.Type ?? throw new InvalidOperationException($"Call {nameof(Next)} first.");
        var convert = type.ToSingle ?? throw new NotSupportedException($"{Current} holds no real numbers that Float32 can stand for; read its bytes.");
        int size = type.Bits / 8;
        if (values.Length > _left / size)
            throw new ArgumentException($"{_left / size} numbers of {Current} are left, {values.Length} were asked for.", nameof(values));
        if (type == SafetensorsType.F32)
        {
            ReadBytes(MemoryMarshal.AsBytes(values));
            return;
        }
        var piece = new byte[Math.Min((long)values.Length * size, PieceBytes)];
        while (values.Length > 0)
        {
            var bytes = piece.AsSpan(0, (int)Math.Min((long)values.Length * size, piece.Length));
            ReadBytes(bytes);
            int count = bytes.Length / size;
            convert(bytes, MemoryMarshal.AsBytes(values[..count]));
            values = values[count..];
        }
    }
}
