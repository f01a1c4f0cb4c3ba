using System.Text;
using System.Text.Json;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Reads vocabularies as Hugging Face's tokenizers keep them.</summary>
internal static class VocabularyFile
{
    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The tokens of a JSON object, <c>{"token": index, ...}</c>.</summary>
    /// <exception cref="ArgumentException">It is none, or an index is negative, too large or there twice.</exception>
    public static Dictionary<string, int> Json(ReadOnlyMemory<byte> content, int largest)
    {
        Dictionary<string, int> vocabulary;
        try
        {
            vocabulary = JsonSerializer.Deserialize<Dictionary<string, int>>(content.Span) ?? [];
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"The vocabulary is no JSON object of tokens and their whole numbers: {e.Message}", nameof(content), e);
        }
        if (vocabulary.Count == 0)
            throw new ArgumentException("The vocabulary is empty.", nameof(content));
        var indices = new HashSet<int>();
        foreach (var (token, index) in vocabulary)
            if (index < 0 || index >= largest || !indices.Add(index))
                throw new ArgumentException($"The vocabulary gives the token '{token}' the number {index}; expected numbers from 0 to {largest - 1}, each once.", nameof(content));
        return vocabulary;
    }

    /// <summary>The lines of a text in UTF-8.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static string[] Lines(ReadOnlyMemory<byte> content, string what)
    {
        try
        {
            return [.. _strict.GetString(content.Span).TrimStart('\uFEFF').TrimEnd('\r', '\n').Split('\n').Select(line => line.TrimEnd('\r'))];
        }
        catch (DecoderFallbackException e)
        {
            throw new ArgumentException($"The {what} are no text in UTF-8.", nameof(content), e);
        }
    }

    /// <summary>The tokens in the order of their numbers; where a number has none, an empty one.</summary>
    public static IReadOnlyList<string> InOrder(IReadOnlyDictionary<string, int> vocabulary)
    {
        string[] tokens = [.. Enumerable.Repeat("", vocabulary.Values.Max() + 1)];
        foreach (var (token, index) in vocabulary)
            tokens[index] = token;
        return tokens;
    }

    /// <summary>Makes something of files, whose names errors then begin with.</summary>
    /// <exception cref="ArgumentException">A file is not what it should be.</exception>
    /// <exception cref="IOException">It can not be read.</exception>
    public static T FromFiles<T>(Func<ReadOnlyMemory<byte>[], T> make, params string[] paths)
    {
        foreach (string path in paths)
            ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return make([.. paths.Select(path => (ReadOnlyMemory<byte>)RegularFile.ReadAllBytes(path))]);
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"{string.Join(" and ", paths.Select(path => $"'{path}'"))}: {e.Message}", e);
        }
    }
}
