using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The header of a safetensors file, read strictly: 8 bytes of length, then JSON; the tensors' bytes follow without hole, overlap
/// or remainder (https://github.com/huggingface/safetensors, "Format").
/// </summary>
internal static class SafetensorsHeader
{
    public const int LengthBytes = 8;
    public const long MaxLength = 100_000_000;
    public const string MetadataKey = "__metadata__";

    // Where the stream does not tell its length, a header is read piece by piece, so that a false length costs no memory.
    private const int Piece = 1 << 20;

    /// <summary>Reads the header; the stream is then at the first tensor.</summary>
    /// <returns>The tensors in the order of their bytes, and the metadata.</returns>
    public static (SafetensorsEntry[] Entries, Dictionary<string, string> Metadata) Read(Stream stream)
    {
        var json = ReadBytes(stream);
        if (!Utf8.IsValid(json))
            throw Invalid("the header is not UTF-8");
        var located = new List<(SafetensorsEntry Entry, long Begin, long End)>();
        var metadata = new Dictionary<string, string>();
        try
        {
            Parse(json, located, metadata);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            // Not JSON; deeper than tensors go; or a text with half a surrogate pair.
            throw Invalid($"its header is not the JSON of one: {exception.Message.TrimEnd('.')}", exception);
        }
        return (InOrder(located), metadata);
    }

    private static ReadOnlySpan<byte> ReadBytes(Stream stream)
    {
        Span<byte> prefix = stackalloc byte[LengthBytes];
        if (stream.ReadAtLeast(prefix, LengthBytes, throwOnEndOfStream: false) < LengthBytes)
            throw Invalid("it ends within the length of the header");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxLength)
            throw Invalid($"the header claims {length} bytes; at most {MaxLength} are accepted");
        if (stream.CanSeek && stream.Length - stream.Position < (long)length)
            throw Invalid($"the header claims {length} bytes, {stream.Length - stream.Position} follow");
        var bytes = new MemoryStream(stream.CanSeek ? (int)length : 0);
        var piece = new byte[(int)Math.Min(length, Piece)];
        while (bytes.Length < (long)length)
        {
            int count = stream.ReadAtLeast(piece.AsSpan(0, (int)Math.Min(piece.Length, (long)length - bytes.Length)), 1, throwOnEndOfStream: false);
            if (count == 0)
                throw Invalid($"the header claims {length} bytes, {bytes.Length} follow");
            bytes.Write(piece, 0, count);
        }
        return bytes.GetBuffer().AsSpan(0, (int)length);
    }

    private static void Parse(ReadOnlySpan<byte> json, List<(SafetensorsEntry Entry, long Begin, long End)> located, Dictionary<string, string> metadata)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 4 });
        Expect(ref reader, JsonTokenType.StartObject, "the header");
        var names = new HashSet<string>();
        while (NextName(ref reader, out string name))
        {
            if (!names.Add(name))
                throw Invalid($"'{name}' occurs twice");
            if (name == MetadataKey)
                ReadMetadata(ref reader, metadata);
            else
                located.Add(ReadEntry(ref reader, name));
        }
        if (reader.Read())
            throw Invalid("something follows the header's object");
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, Dictionary<string, string> metadata)
    {
        if (!reader.Read() || reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.Null))
            throw Invalid($"{MetadataKey} is not a JSON object");
        // As the reference reads it: null is none.
        if (reader.TokenType == JsonTokenType.Null)
            return;
        while (NextName(ref reader, out string name))
        {
            Expect(ref reader, JsonTokenType.String, $"{MetadataKey} '{name}'");
            if (!metadata.TryAdd(name, reader.GetString()!))
                throw Invalid($"{MetadataKey} '{name}' occurs twice");
        }
    }

    private static (SafetensorsEntry Entry, long Begin, long End) ReadEntry(ref Utf8JsonReader reader, string name)
    {
        SafetensorsType? type = null;
        List<long>? shape = null, offsets = null;
        Expect(ref reader, JsonTokenType.StartObject, $"tensor '{name}'");
        while (NextName(ref reader, out string field))
        {
            switch (field)
            {
                case "dtype" when type is null:
                    Expect(ref reader, JsonTokenType.String, $"the dtype of '{name}'");
                    string code = reader.GetString()!;
                    type = SafetensorsType.Find(code)
                        ?? throw Invalid($"tensor '{name}' has dtype '{code}'; accepted are {string.Join(", ", SafetensorsType.All)}");
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(ref reader, $"the shape of '{name}'");
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(ref reader, $"the data_offsets of '{name}'");
                    break;
                default:
                    throw Invalid($"tensor '{name}' has an unknown or repeated field '{field}'");
            }
        }
        if (type is not { } known || shape is null || offsets is not [var begin, var end])
            throw Invalid($"tensor '{name}' needs a dtype, a shape and two data_offsets");
        if (SafetensorsEntry.Refusal(name, known, CollectionsMarshal.AsSpan(shape), out _) is { } refusal)
            throw Invalid(refusal);
        var entry = new SafetensorsEntry(name, known, CollectionsMarshal.AsSpan(shape));
        if (begin > end || end - begin != entry.ByteCount)
            throw Invalid($"tensor {entry} takes {entry.ByteCount} bytes, its data_offsets are [{begin}, {end}]");
        return (entry, begin, end);
    }

    private static List<long> ReadNumbers(ref Utf8JsonReader reader, string what)
    {
        Expect(ref reader, JsonTokenType.StartArray, what);
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
                throw Invalid($"{what} holds {Encoding.UTF8.GetString(reader.ValueSpan)}; whole numbers from 0 to 2⁶³ − 1 are accepted");
            numbers.Add(number);
            if (numbers.Count > SafetensorsEntry.MaxDimensions)
                throw Invalid($"{what} holds more than {SafetensorsEntry.MaxDimensions} numbers");
        }
        return numbers;
    }

    private static SafetensorsEntry[] InOrder(List<(SafetensorsEntry Entry, long Begin, long End)> located)
    {
        located.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        long at = 0;
        foreach (var (entry, begin, end) in located)
        {
            if (begin != at)
                throw Invalid($"tensor {entry} begins at byte {begin}, but the tensors before it end at byte {at}");
            at = end;
        }
        return [.. located.Select(item => item.Entry)];
    }

    private static bool NextName(ref Utf8JsonReader reader, out string name)
    {
        name = reader.Read() && reader.TokenType == JsonTokenType.PropertyName ? reader.GetString()! : "";
        return reader.TokenType == JsonTokenType.PropertyName;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType token, string what)
    {
        if (!reader.Read() || reader.TokenType != token)
            throw Invalid($"{what} is not a JSON {token switch { JsonTokenType.StartObject => "object", JsonTokenType.StartArray => "array", _ => "string" }}");
    }

    /// <summary>The one exception for malformed files. Names can fill a header: the message is kept short.</summary>
    internal static InvalidDataException Invalid(string reason, Exception? inner = null)
        => new($"Not a valid safetensors file: {(reason.Length <= 600 ? reason : $"{reason[..400]} … {reason[^200..]}")}.", inner);
}
