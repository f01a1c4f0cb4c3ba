using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// A token is a word, a run of letters, marks and digits, or any other character that is no white space. Characters are those of Unicode, also beyond U+FFFF, such as emoji, and texts are taken in
/// composed form (NFC).
/// </summary>
public sealed class WordTokenizer : TextTokenizer
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
        Words = [.. words.Select(CanonicalText.Of)];
        UnknownToken = unknownToken is null ? null : CanonicalText.Of(unknownToken);
        LowerCase = lowerCase;
        foreach (string word in Words)
            if (!_indices.TryAdd(word, _indices.Count))
                throw new ArgumentException($"The word {CanonicalText.Quote(word)} is there twice.", nameof(words));
        if (UnknownToken is not null && !_indices.ContainsKey(UnknownToken))
            throw new ArgumentException($"The unknown token '{UnknownToken}' is none of the words.", nameof(unknownToken));
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
    public override IReadOnlyList<int> Tokenize(string text, Action<string>? unknown)
    {
        int? other = UnknownToken is null ? null : _indices[UnknownToken];
        var tokens = new List<int>();
        foreach (string word in Split(text, LowerCase))
        {
            if (_indices.TryGetValue(word, out int index))
                tokens.Add(index);
            else if (other is { } token)
                tokens.Add(token);
            else
                unknown?.Invoke(word);
        }
        return tokens;
    }

    /// <summary>The words of a text, known or not, in composed form.</summary>
    /// <param name="text">The text.</param>
    /// <param name="lowerCase">Whether capital letters are taken for small ones.</param>
    internal static IEnumerable<string> Split(string text, bool lowerCase)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Words(CanonicalText.Of(lowerCase ? text.ToLowerInvariant() : text));

        static IEnumerable<string> Words(string text)
        {
            int start = 0, at = 0;
            foreach (var rune in text.EnumerateRunes())
            {
                if (!IsOfWord(rune))
                {
                    if (start < at)
                        yield return text[start..at];
                    if (!Rune.IsWhiteSpace(rune))
                        yield return rune.ToString();
                    start = at + rune.Utf16SequenceLength;
                }
                at += rune.Utf16SequenceLength;
            }
            if (start < at)
                yield return text[start..];
        }
    }

    private static bool IsOfWord(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
        or UnicodeCategory.EnclosingMark or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
}
