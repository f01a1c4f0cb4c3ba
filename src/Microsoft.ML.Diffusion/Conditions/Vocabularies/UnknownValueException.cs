namespace Microsoft.ML.Diffusion;

/// <summary>A row asks for a value that the model was not trained with.</summary>
public sealed class UnknownValueException : InvalidOperationException
{
    private readonly string _place;
    private readonly string _what;
    private readonly string _hint;
    private readonly Vocabulary _known;

    /// <summary>An error of a row.</summary>
    /// <param name="place">Where the row is: a sentence's beginning.</param>
    /// <param name="column">The column.</param>
    /// <param name="value">The value.</param>
    /// <param name="known">What the model knows.</param>
    /// <param name="what">What a value is: a value, a word.</param>
    /// <param name="hint">What to do, as a sentence.</param>
    internal UnknownValueException(string place, string column, string value, Vocabulary known, string what, string hint)
        : base($"{place}, column '{column}': {Sentence(value, known, what)} {hint}")
        => (_place, Column, Value, _known, _what, _hint) = (place, column, value, known, what, hint);

    /// <summary>The column that holds the value.</summary>
    public string Column { get; }

    /// <summary>The value.</summary>
    public string Value { get; }

    /// <summary>The values that the model was trained with.</summary>
    public IReadOnlyList<string> Known => _known.Values;

    /// <summary>What happened, without what to do.</summary>
    internal string Problem => $"column '{Column}': {Sentence(Value, _known, _what)}";

    /// <summary>The same error of a row that is told more precisely.</summary>
    internal UnknownValueException At(string place) => new(place, Column, Value, _known, _what, _hint);

    private static string Sentence(string value, Vocabulary known, string what)
        => $"the {what} {CanonicalText.Quote(value)} is none of the {known.Count} that the model was trained with: {known.Describe(value)}.";
}
