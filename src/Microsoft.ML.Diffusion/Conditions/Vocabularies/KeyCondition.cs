using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>A condition out of a known number of values, each packed as its key: 1 … <see cref="KeyCount"/>; 0 is missing, as in ML.NET's keys.</summary>
/// <param name="Name">The name of the column it came from.</param>
public abstract record KeyCondition(string Name) : ConditionSlot(Name)
{
    /// <summary>The number of keys.</summary>
    [JsonIgnore]
    public abstract int KeyCount { get; }

    /// <summary>The values that the keys stand for, as many as there are keys; null where keys are nothing but numbers. Null unless set.</summary>
    /// <exception cref="ArgumentException">There are more or fewer values than keys.</exception>
    public Vocabulary? Values
    {
        get;
        init => field = value is null || value.Count == KeyCount
            ? value
            : throw new ArgumentException($"Condition '{Name}' has {KeyCount} keys, but {value.Count} values for them.", nameof(value));
    }

    /// <inheritdoc/>
    public sealed override float Missing => 0;

    /// <summary>The same condition of other keys.</summary>
    /// <param name="keys">Their number.</param>
    /// <param name="values">What they stand for.</param>
    internal abstract KeyCondition WithKeys(int keys, Vocabulary? values);

    /// <summary>What the keys are, in words.</summary>
    internal string Describe()
    {
        string values = Values is null ? "" : $": {Values}";
        return this is TokensCondition tokens ? $"{Plural.Of(tokens.Tokens, "token")} out of {KeyCount} (keys){values}" : $"one of {Plural.Of(KeyCount, "class", "classes")}{values}";
    }

    // Keys without values are numbers that the model gave.
    internal sealed override bool Takes(ConditionSlot given)
        => Equals(given) || (given is KeyCondition { Values: null } keys && keys.KeyCount == KeyCount && keys.WithKeys(KeyCount, Values).Equals(this));
}
