using System.Text.Json;

namespace Microsoft.ML.Diffusion;

/// <summary>JSON as Python writes it, with the bare words NaN, Infinity and -Infinity, which are no JSON.</summary>
internal static class PythonJson
{
    private static readonly (byte[] Word, double Number)[] Words = [("-Infinity"u8.ToArray(), double.NegativeInfinity), ("Infinity"u8.ToArray(), double.PositiveInfinity), ("NaN"u8.ToArray(), double.NaN)];

    /// <summary>A document, where these words are strings.</summary>
    /// <exception cref="JsonException">The text is no JSON otherwise either.</exception>
    public static JsonDocument Parse(byte[] text)
    {
        using var quoted = new MemoryStream(text.Length + 2 * Words.Length);
        bool inside = false;
        for (int i = 0; i < text.Length;)
        {
            int length = inside ? 0 : WordAt(text.AsSpan(i));
            if (length > 0)
            {
                quoted.WriteByte((byte)'"');
                quoted.Write(text, i, length);
                quoted.WriteByte((byte)'"');
                i += length;
                continue;
            }
            if (inside && text[i] == '\\' && i + 1 < text.Length)
                quoted.WriteByte(text[i++]);
            else if (text[i] == '"')
                inside = !inside;
            quoted.WriteByte(text[i++]);
        }
        var document = JsonDocument.Parse(quoted.ToArray());
        try
        {
            CheckTexts(document.RootElement);
            return document;
        }
        catch (InvalidOperationException exception)
        {
            document.Dispose();
            throw new JsonException("A text holds half a surrogate pair.", exception);
        }
    }

    // The parser takes what it fails at later, when the text is asked for.
    private static void CheckTexts(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
            _ = value.GetString();
        if (value.ValueKind == JsonValueKind.Array)
            foreach (var item in value.EnumerateArray())
                CheckTexts(item);
        if (value.ValueKind == JsonValueKind.Object)
            foreach (var property in value.EnumerateObject())
            {
                _ = property.Name;
                CheckTexts(property.Value);
            }
    }

    /// <summary>The number of a word.</summary>
    /// <exception cref="FormatException">It is none of these.</exception>
    public static double Number(string word)
    {
        foreach (var (candidate, number) in Words)
            if (word.AsSpan().SequenceEqual(System.Text.Encoding.ASCII.GetString(candidate)))
                return number;
        throw new FormatException($"'{word}' is no number");
    }

    private static int WordAt(ReadOnlySpan<byte> text)
    {
        foreach (var (word, _) in Words)
            if (text.StartsWith(word))
                return word.Length;
        return 0;
    }
}
