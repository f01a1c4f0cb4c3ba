namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Learns the words of texts.</summary>
/// <param name="options">What counts as a word.</param>
internal sealed class WordVocabulary(TokenizeTextEstimator.Options options)
{
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>Whether there are words that the tokenizer does not learn.</summary>
    public bool LeavesOut { get; private set; }

    /// <summary>Counts the words of a text.</summary>
    public void Add(string text)
    {
        foreach (string word in WordTokenizer.Split(text, options.LowerCase))
            _counts[word] = _counts.GetValueOrDefault(word) + 1;
    }

    /// <summary>The tokenizer of the words, the most frequent first; the order of texts does not matter.</summary>
    /// <returns>Null where no word is frequent enough.</returns>
    public WordTokenizer? ToTokenizer()
    {
        string[] special = options.UnknownToken is { } unknown ? [CanonicalText.Of(unknown)] : [];
        string[] words = [.. _counts
            .Where(entry => entry.Value >= options.MinimumCount && !special.Contains(entry.Key))
            .OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key, StringComparer.Ordinal)
            .Take(options.MaximumSize - special.Length)
            .Select(entry => entry.Key)];
        LeavesOut = words.Length < _counts.Count;
        return words.Length == 0 ? null : new WordTokenizer([.. words, .. special], options.LowerCase, options.UnknownToken);
    }
}
