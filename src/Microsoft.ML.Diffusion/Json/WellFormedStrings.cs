using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>Refuses to write text that could not be read back as it was: the serializer would replace what is no Unicode in silence.</summary>
internal sealed class WellFormedStrings : JsonConverter<string>
{
    /// <summary>Refuses text with half of a surrogate pair.</summary>
    /// <param name="text">The text.</param>
    /// <param name="what">What it is, in words.</param>
    /// <exception cref="ArgumentException">It has one; says where.</exception>
    public static void Require(string text, string what)
    {
        if (CanonicalText.FindLoneSurrogate(text) is >= 0 and var place)
            throw new ArgumentException($"The {what} {CanonicalText.Quote(text)} has half of a surrogate pair, \\u{(int)text[place]:X4}, at place {place}: it is no valid Unicode, and no file can hold it.", nameof(text));
    }

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString()!;

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options)
    {
        Require(value, "text");
        writer.WriteStringValue(value);
    }

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options)
    {
        Require(value, "name");
        writer.WritePropertyName(value);
    }
}
