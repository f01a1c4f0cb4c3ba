using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Cuts texts into tokens of a vocabulary. Stored in model files with all it needs.</summary>
/// <remarks>Immutable and thread safe.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(WordTokenizer), "words")]
[JsonDerivedType(typeof(BytePairTokenizer), "byte-pairs")]
[JsonDerivedType(typeof(WordPieceTextTokenizer), "word-pieces")]
public abstract class TextTokenizer
{
    // Above it not every token is a Single, as conditions are packed.
    private protected const int LargestVocabulary = 1 << 24;

    /// <summary>The tokens: the n-th, from 0, is the key n + 1.</summary>
    [JsonIgnore]
    public abstract IReadOnlyList<string> Vocabulary { get; }

    /// <summary>The tokens of a text, in order, as indices into <see cref="Vocabulary"/>; none for an empty text. What no token stands for is left out.</summary>
    /// <param name="text">The text; taken in composed form (Unicode's NFC).</param>
    public IReadOnlyList<int> Tokenize(string text) => Tokenize(text, null);

    /// <summary>The tokens of a text, in order, as indices into <see cref="Vocabulary"/>; none for an empty text.</summary>
    /// <param name="text">The text; taken in composed form (Unicode's NFC).</param>
    /// <param name="unknown">Is told of each part of the text that no token stands for, and that is left out; null for no one.</param>
    public abstract IReadOnlyList<int> Tokenize(string text, Action<string>? unknown);
}
