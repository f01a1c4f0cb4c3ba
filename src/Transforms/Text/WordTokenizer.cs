using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A token is a word, a run of letters, marks and digits, or any other character that is no white space.</summary>
public sealed partial class WordTokenizer : TextTokenizer
{
    private readonly Dictionary<string, int> _indices = new(StringComparer.Ordinal);

    /// <summary>A tokenizer of known words.</summary>
    /// <param name="words">The words; at least one, each once.</param>
    /// <param name="lowerCase">Whether capital letters are taken for small ones, in the invariant culture.</param>
    /// <param name="unknownToken">One of the words, which stands for all others; these are left out where null.</param>
    /// <exception cref="ArgumentException">No words, a word twice, or an unknown token that is no word.</exception>
    [JsonConstructor]
    public WordTokenizer(IReadOnlyList<string> words, bool lowerCase = true, string? unknownToken = null)
    {
        ArgumentNullException.ThrowIfNull(words);
        if (words.Count is 0 or > LargestVocabulary)
            throw new ArgumentException($"Expected 1 to {LargestVocabulary} words, got {words.Count}.", nameof(words));
        foreach (string word in words)
            if (!_indices.TryAdd(word, _indices.Count))
                throw new ArgumentException($"The word '{word}' is there twice.", nameof(words));
        if (unknownToken is not null && !_indices.ContainsKey(unknownToken))
            throw new ArgumentException($"The unknown token '{unknownToken}' is none of the words.", nameof(unknownToken));
        Words = [.. words];
        (LowerCase, UnknownToken) = (lowerCase, unknownToken);
    }

    /// <summary>The words.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>Whether capital letters are taken for small ones.</summary>
    public bool LowerCase { get; }

    /// <summary>What stands for all other words; null where they are left out.</summary>
    public string? UnknownToken { get; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> Vocabulary => Words;

    /// <inheritdoc/>
    public override IReadOnlyList<int> Tokenize(string text)
    {
        int? unknown = UnknownToken is null ? null : _indices[UnknownToken];
        return [.. Split(text, LowerCase).Select(word => _indices.TryGetValue(word, out int index) ? index : unknown).OfType<int>()];
    }

    /// <summary>The words of a text, known or not.</summary>
    /// <param name="text">The text.</param>
    /// <param name="lowerCase">Whether capital letters are taken for small ones.</param>
    internal static IEnumerable<string> Split(string text, bool lowerCase)
    {
        ArgumentNullException.ThrowIfNull(text);
        return WordPattern().Matches(lowerCase ? text.ToLowerInvariant() : text).Select(match => match.Value);
    }

    [GeneratedRegex(@"[\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}\s]", RegexOptions.CultureInvariant)]
    private static partial Regex WordPattern();
}
