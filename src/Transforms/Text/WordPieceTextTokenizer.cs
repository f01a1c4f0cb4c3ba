using System.Text.Json.Serialization;
using Microsoft.ML.Tokenizers;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// Word pieces (Wu et al. 2016, arXiv:1609.08144, section 4.1) with the vocabulary of BERT's file <c>vocab.txt</c>, a token a line, by Microsoft.ML.Tokenizers. The file's content is stored in model
/// files. Adds no marks of beginning and end.
/// </summary>
public sealed class WordPieceTextTokenizer : TextTokenizer
{
    private readonly Lazy<Tokenizers.WordPieceTokenizer> _tokenizer;

    /// <summary>A tokenizer of the content of a file.</summary>
    /// <param name="vocabularyFile">A token a line, in UTF-8.</param>
    /// <param name="unknownToken">The token of the file that stands for words it can not make.</param>
    /// <exception cref="ArgumentException">The file is not what it should be; says why.</exception>
    [JsonConstructor]
    public WordPieceTextTokenizer(ReadOnlyMemory<byte> vocabularyFile, string unknownToken = "[UNK]")
    {
        ArgumentException.ThrowIfNullOrEmpty(unknownToken);
        (VocabularyFile, UnknownToken) = (vocabularyFile, unknownToken);
        string[] tokens = Transforms.VocabularyFile.Lines(vocabularyFile, "tokens");
        if (tokens.Length > LargestVocabulary)
            throw new ArgumentException($"The vocabulary has {tokens.Length} tokens; expected at most {LargestVocabulary}.", nameof(vocabularyFile));
        foreach (var token in tokens.GroupBy(token => token).Where(group => group.Count() > 1 || group.Key.Length == 0))
            throw new ArgumentException(token.Key.Length == 0 ? "The vocabulary has an empty line." : $"The vocabulary has the token '{token.Key}' twice.", nameof(vocabularyFile));
        if (!tokens.Contains(unknownToken))
            throw new ArgumentException($"The vocabulary of {tokens.Length} tokens, the first of them '{tokens[0]}', has no token '{unknownToken}' for unknown words.", nameof(vocabularyFile));
        Vocabulary = tokens;
        _tokenizer = new Lazy<Tokenizers.WordPieceTokenizer>(Make);
    }

    /// <summary>The content of the file.</summary>
    public ReadOnlyMemory<byte> VocabularyFile { get; }

    /// <summary>The token that stands for words that the vocabulary can not make.</summary>
    public string UnknownToken { get; }

    /// <summary>Whether capital letters are taken for small ones, as those of BERT's uncased vocabularies are. True unless given.</summary>
    public bool LowerCase { get; init; } = true;

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> Vocabulary { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="vocabularyPath">A token a line, in UTF-8.</param>
    /// <param name="lowerCase">Whether capital letters are taken for small ones.</param>
    /// <exception cref="ArgumentException">The file is not what it should be; names it.</exception>
    /// <exception cref="IOException">It can not be read.</exception>
    public static WordPieceTextTokenizer FromFile(string vocabularyPath, bool lowerCase = true)
        => Transforms.VocabularyFile.FromFiles(files => new WordPieceTextTokenizer(files[0]) { LowerCase = lowerCase }, vocabularyPath);

    /// <inheritdoc/>
    public override IReadOnlyList<int> Tokenize(string text, Action<string>? unknown)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _tokenizer.Value.EncodeToIds(CanonicalText.Of(text));
    }

    private Tokenizers.WordPieceTokenizer Make()
    {
        // As it was read, without what tells encodings and systems apart.
        using var content = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', Vocabulary)));
        return Tokenizers.WordPieceTokenizer.Create(content, new WordPieceOptions
        {
            UnknownToken = UnknownToken,
            Normalizer = LowerCase ? new LowerCaseNormalizer() : null,
            PreTokenizer = PreTokenizer.CreateWordOrPunctuation(),
        });
    }
}
