using System.Text.Json.Serialization;
using Microsoft.ML.Tokenizers;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// Byte-pair encoding (Sennrich et al. 2016, arXiv:1508.07909) with the vocabulary and the merges of Hugging Face's files <c>vocab.json</c> and <c>merges.txt</c>, by Microsoft.ML.Tokenizers. The
/// files' content is stored in model files. Adds no marks of beginning and end.
/// </summary>
public sealed class BytePairTokenizer : TextTokenizer
{
    private readonly Lazy<BpeTokenizer> _tokenizer;

    /// <summary>A tokenizer of the content of two files.</summary>
    /// <param name="vocabularyFile">A JSON object of tokens and their numbers.</param>
    /// <param name="mergesFile">Two tokens a line, in the order in which they are merged; a first line may begin with <c>#version</c>.</param>
    /// <exception cref="ArgumentException">A file is not what it should be; says why.</exception>
    [JsonConstructor]
    public BytePairTokenizer(ReadOnlyMemory<byte> vocabularyFile, ReadOnlyMemory<byte> mergesFile)
    {
        (VocabularyFile, MergesFile) = (vocabularyFile, mergesFile);
        var vocabulary = Transforms.VocabularyFile.Json(vocabularyFile, LargestVocabulary);
        string[] merges = [.. Transforms.VocabularyFile.Lines(mergesFile, "merges").Where((line, i) => line.Length > 0 && !(i == 0 && line.StartsWith("#version", StringComparison.Ordinal)))];
        Vocabulary = Transforms.VocabularyFile.InOrder(vocabulary);
        // Refuses bad files here, although the options are not known yet.
        Make(new BpeOptions(vocabulary) { Merges = merges });
        _tokenizer = new Lazy<BpeTokenizer>(() => Make(new BpeOptions(vocabulary)
        {
            Merges = merges,
            ByteLevel = ByteLevel,
            PreTokenizer = ByteLevel ? RobertaPreTokenizer.Instance : PreTokenizer.CreateWordOrPunctuation(),
            Normalizer = LowerCase ? new LowerCaseNormalizer() : null,
            EndOfWordSuffix = EndOfWordSuffix,
            UnknownToken = UnknownToken,
        }));
    }

    /// <summary>The content of the file of the vocabulary.</summary>
    public ReadOnlyMemory<byte> VocabularyFile { get; }

    /// <summary>The content of the file of merges.</summary>
    public ReadOnlyMemory<byte> MergesFile { get; }

    /// <summary>Whether the tokens are of bytes, with the space before a word as a part of it, as those of GPT-2 and RoBERTa are; else of characters. True unless given.</summary>
    public bool ByteLevel { get; init; } = true;

    /// <summary>Whether capital letters are taken for small ones. Not unless given.</summary>
    public bool LowerCase { get; init; }

    /// <summary>What ends the last token of a word, such as <c>&lt;/w&gt;</c>; nothing where null, as unless given.</summary>
    public string? EndOfWordSuffix { get; init; }

    /// <summary>A token of the vocabulary that stands for what it does not have; this is left out where null, as unless given.</summary>
    public string? UnknownToken
    {
        get;
        init => field = value is null || Vocabulary.Contains(value) ? value : throw new ArgumentException($"The vocabulary has no token '{value}'.", nameof(UnknownToken));
    }

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> Vocabulary { get; }

    /// <summary>Reads files.</summary>
    /// <param name="vocabularyPath">A JSON object of tokens and their numbers.</param>
    /// <param name="mergesPath">Two tokens a line, in the order in which they are merged.</param>
    /// <param name="byteLevel">Whether the tokens are of bytes; <see cref="ByteLevel"/>.</param>
    /// <exception cref="ArgumentException">A file is not what it should be; names it.</exception>
    /// <exception cref="IOException">A file can not be read.</exception>
    public static BytePairTokenizer FromFiles(string vocabularyPath, string mergesPath, bool byteLevel = true)
        => Transforms.VocabularyFile.FromFiles(files => new BytePairTokenizer(files[0], files[1]) { ByteLevel = byteLevel }, vocabularyPath, mergesPath);

    /// <inheritdoc/>
    public override IReadOnlyList<int> Tokenize(string text, Action<string>? unknown)
    {
        ArgumentNullException.ThrowIfNull(text);
        string canonical = CanonicalText.Of(text);
        // Bytes are all known, and so is everything where a token stands for the rest.
        if (unknown is null || ByteLevel || UnknownToken is not null)
            return _tokenizer.Value.EncodeToIds(canonical);
        var tokens = _tokenizer.Value.EncodeToTokens(canonical, out string? normalized);
        int at = 0;
        string whole = normalized ?? canonical;
        foreach (var range in tokens.Select(token => token.Offset).Append(whole.Length..whole.Length))
        {
            if (range.Start.Value > at && whole[at..range.Start.Value].Trim() is { Length: > 0 } between)
                unknown(between);
            at = Math.Max(at, range.End.Value);
        }
        return [.. tokens.Select(token => token.Id)];
    }

    private static BpeTokenizer Make(BpeOptions options)
    {
        try
        {
            return BpeTokenizer.Create(options);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException)
        {
            throw new ArgumentException($"The vocabulary and the merges do not fit: {e.Message}", e);
        }
    }
}
