using System.Collections.Concurrent;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Does with unknown values what the user chose.</summary>
/// <remarks>Thread safe.</remarks>
/// <param name="choice">What the user chose.</param>
/// <param name="warn">Takes warnings.</param>
internal sealed class UnknownValueRule(UnknownValues choice, Action<string> warn)
{
    private const int MostWarnings = 20;

    private readonly ConcurrentDictionary<(string Column, string Value), bool> _seen = new();

    /// <summary>Every unknown value is an error.</summary>
    public static UnknownValueRule Strict { get; } = new(UnknownValues.Error, _ => { });

    /// <summary>What the user chose.</summary>
    public UnknownValues Choice => choice;

    /// <summary>A row asks for an unknown value; where this returns, the value counts as missing.</summary>
    /// <param name="place">Where the row is: a sentence's beginning.</param>
    /// <param name="column">The column.</param>
    /// <param name="value">The value.</param>
    /// <param name="known">What the model knows.</param>
    /// <param name="what">What a value is.</param>
    /// <param name="option">The option by which the user chooses.</param>
    /// <exception cref="UnknownValueException">The user chose nothing else.</exception>
    public void Meet(string place, string column, string value, Vocabulary known, string what = "value", string option = nameof(UnknownValues))
    {
        if (choice == UnknownValues.Ignore || (choice == UnknownValues.Warn && (_seen.Count >= MostWarnings || !_seen.TryAdd((column, value), true))))
            return;
        string other = $"option {option} = {nameof(UnknownValues)}.{nameof(UnknownValues.Warn)} or {nameof(UnknownValues.Ignore)}";
        var problem = new UnknownValueException(place, column, value, known, what, what == "word"
            ? $"The {other} leaves such words out."
            : $"A missing value, an empty text or the key 0, means a row without the condition; the {other} takes unknown values for missing.");
        if (choice == UnknownValues.Error)
            throw problem;
        warn($"{place}, {problem.Problem} It {(what == "word" ? "is left out" : "counts as missing")}; further rows with it are not named{(_seen.Count == MostWarnings ? $", nor are other values, because there are {MostWarnings} by now" : "")}.");
    }
}
