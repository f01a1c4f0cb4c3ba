using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>One condition of a model, and how its value is packed into a row of numbers.</summary>
/// <param name="Name">The name of the column it came from.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ClassCondition), "class")]
[JsonDerivedType(typeof(VectorCondition), "vector")]
[JsonDerivedType(typeof(AugmentationCondition), "augmentation")]
[JsonDerivedType(typeof(SequenceCondition), "sequence")]
[JsonDerivedType(typeof(TokensCondition), "tokens")]
[JsonDerivedType(typeof(PictureCondition), "picture")]
[JsonDerivedType(typeof(GuidanceInput), "guidance")]
public abstract record ConditionSlot(string Name)
{
    /// <summary>How many numbers a row takes.</summary>
    [JsonIgnore]
    public abstract int Width { get; }

    /// <summary>The number that stands for a missing value, in every place of the slot. A missing condition means: unconditional.</summary>
    [JsonIgnore]
    public abstract float Missing { get; }

    /// <summary>Whether a row's numbers mean that the condition is missing.</summary>
    /// <param name="values">The <see cref="Width"/> numbers.</param>
    internal virtual bool IsMissing(ReadOnlySpan<float> values) => values.Contains(Missing);

    /// <summary>Whether a column of the data gives it.</summary>
    [JsonIgnore]
    public virtual bool ComesFromData => true;

    /// <summary>Whether rows that were packed as another condition mean the same to a model that was trained with this one.</summary>
    internal virtual bool Takes(ConditionSlot given) => Equals(given);
}

/// <summary>A class out of a known number: 1 … <paramref name="Count"/>, packed as one number; 0 is missing, as in ML.NET's keys.</summary>
/// <param name="Name">The name of the column it came from.</param>
/// <param name="Count">The number of classes; at least 1.</param>
public sealed record ClassCondition(string Name, int Count) : KeyCondition(Name)
{
    /// <inheritdoc/>
    public override int KeyCount => Count;

    /// <inheritdoc/>
    public override int Width => 1;

    internal override KeyCondition WithKeys(int keys, Vocabulary? values) => new ClassCondition(Name, keys) { Values = values };
}

/// <summary>A vector of numbers; NaN in any place makes the row's vector missing.</summary>
/// <param name="Name">The name of the column it came from.</param>
/// <param name="Size">The length of the vector; at least 1.</param>
public sealed record VectorCondition(string Name, int Size) : ConditionSlot(Name)
{
    /// <inheritdoc/>
    public override int Width => Size;

    /// <inheritdoc/>
    public override float Missing => float.NaN;
}

/// <summary>
/// How a sample of training was augmented (Karras et al. 2022, arXiv:2206.00364, appendix F.2). No column gives it: where it is missing, as it always is when samples are made, a
/// sample like the data itself is meant.
/// </summary>
/// <param name="Size">How many numbers say it; at least 1.</param>
public sealed record AugmentationCondition(int Size) : ConditionSlot("augmentation")
{
    /// <inheritdoc/>
    public override bool ComesFromData => false;

    /// <inheritdoc/>
    public override int Width => Size;

    /// <inheritdoc/>
    public override float Missing => float.NaN;
}

/// <summary>
/// A sequence of tokens, such as the words of a text, each a vector of numbers, for cross attention; packed token by token. NaN in any place of a token masks the
/// token out: sequences may be shorter than <paramref name="Tokens"/>. Without a token the row's sequence is missing.
/// </summary>
/// <param name="Name">The name of the column it came from.</param>
/// <param name="Tokens">The largest number of tokens; at least 1.</param>
/// <param name="TokenWidth">The numbers of a token; at least 1.</param>
public sealed record SequenceCondition(string Name, int Tokens, int TokenWidth) : ConditionSlot(Name)
{
    /// <inheritdoc/>
    public override int Width => checked(Tokens * TokenWidth);

    /// <inheritdoc/>
    public override float Missing => float.NaN;

    /// <inheritdoc/>
    internal override bool IsMissing(ReadOnlySpan<float> values)
    {
        for (int token = 0; token < Tokens; token++)
            if (!values.Slice(token * TokenWidth, TokenWidth).Contains(float.NaN))
                return false;
        return true;
    }
}

/// <summary>
/// The words of a text, or other marks out of a known number: 1 … <paramref name="Vocabulary"/> each, packed as so many numbers; 0, as in ML.NET's keys, where there is none, so that texts may be
/// shorter than <paramref name="Tokens"/>. Without a token the row's text is missing.
/// </summary>
/// <param name="Name">The name of the column it came from.</param>
/// <param name="Tokens">The largest number of tokens; at least 1.</param>
/// <param name="Vocabulary">How many tokens there are; at least 1.</param>
public sealed record TokensCondition(string Name, int Tokens, int Vocabulary) : KeyCondition(Name)
{
    /// <inheritdoc/>
    public override int KeyCount => Vocabulary;

    /// <inheritdoc/>
    public override int Width => Tokens;

    internal override KeyCondition WithKeys(int keys, Vocabulary? values) => new TokensCondition(Name, Tokens, keys) { Values = values };

    /// <inheritdoc/>
    internal override bool IsMissing(ReadOnlySpan<float> values) => !values.ContainsAnyExcept(0f);
}

/// <summary>
/// A picture beside the noisy one, of its height and width, whose channels the network sees behind those of x (Saharia et al. 2022, arXiv:2104.07636, for super-resolution; arXiv:2111.05826 for
/// inpainting and others): packed in model space, which the range of the training data says. NaN in any place makes the row's picture missing: zeros.
/// </summary>
/// <param name="Name">The name of the column it came from.</param>
/// <param name="Shape">The shape in which it is packed: channels, and the height and width of a sample.</param>
/// <param name="Source">The shape of the column's pictures, which are resized to <paramref name="Shape"/>; the same channels.</param>
/// <param name="Minimum">The value of the column that becomes −1.</param>
/// <param name="Maximum">The value of the column that becomes 1; above <paramref name="Minimum"/>.</param>
public sealed record PictureCondition(string Name, DataShape Shape, DataShape Source, float Minimum = 0, float Maximum = 255) : ConditionSlot(Name)
{
    /// <summary>The shape in which it is packed.</summary>
    public DataShape Shape { get; } = Shape is { IsImage: true }
        ? Shape
        : throw new ArgumentException($"Condition '{Name}' is a picture, [channels, height, width], got {Shape}.", nameof(Shape));

    /// <summary>The shape of the column's pictures.</summary>
    public DataShape Source { get; } = Source is { IsImage: true } && Source.Dimensions[0] == Shape.Dimensions[0]
        ? Source
        : throw new ArgumentException($"Condition '{Name}' is packed as {Shape}, which pictures {Source} can not be resized to.", nameof(Source));

    /// <summary>The value of the column that becomes −1.</summary>
    public float Minimum { get; } = float.IsFinite(Minimum) && Minimum < Maximum && float.IsFinite(Maximum)
        ? Minimum
        : throw new ArgumentOutOfRangeException(nameof(Minimum), $"Condition '{Name}': expected finite minimum < maximum, got {Minimum} and {Maximum}.");

    /// <inheritdoc/>
    public override int Width => Shape.Size;

    /// <inheritdoc/>
    public override float Missing => float.NaN;
}
