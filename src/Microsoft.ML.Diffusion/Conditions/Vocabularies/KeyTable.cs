namespace Microsoft.ML.Diffusion;

/// <summary>Which key of a model each key of a column is: by value, where both say what their keys stand for.</summary>
/// <remarks>Immutable and thread safe.</remarks>
internal sealed class KeyTable
{
    /// <summary>What stands for a key whose value the model does not know.</summary>
    public const int Unknown = -1;

    private readonly int[]? _keys;

    private KeyTable(int[]? keys) => _keys = keys;

    /// <summary>Whether every key is its own.</summary>
    public bool IsIdentity => _keys is null;

    /// <summary>The table from one condition to another.</summary>
    /// <param name="given">The keys that are there. Keys without values are those of the model.</param>
    /// <param name="trained">The keys that the model was trained with.</param>
    /// <param name="why">Why there is none.</param>
    /// <returns>Null where keys of the one say nothing about those of the other.</returns>
    public static KeyTable? Between(KeyCondition given, KeyCondition trained, out string? why)
    {
        why = null;
        if (given.Values is null && given.KeyCount != trained.KeyCount)
            why = "Keys without values are the model's own numbers, as many as it has.";
        else if (given.Values is not null && trained.Values is null)
            why = "The model does not know what its own keys stand for, so it can not find values among them. Give it keys without values, numbers in its own order ([KeyType]), or the labels where it takes them, as a TorchScript classifier does.";
        else if (given.Values is { } values && trained.Values is { } known && !values.Equals(known))
        {
            int[] keys = [0, .. values.Values.Select(value => known.KeyOf(value) is > 0 and var key ? key : Unknown)];
            if (values.Count > 0 && !keys.Any(key => key > 0))
                why = "None of the values is one of the model's.";
            else if (!keys.SequenceEqual(Enumerable.Range(0, known.Count + 1)))
                return new KeyTable(keys);
        }
        return why is null ? new KeyTable(null) : null;
    }

    /// <summary>The model's key; <see cref="Unknown"/> where it does not know the value.</summary>
    /// <param name="key">A key: 0, which stays a missing one, to the number of keys.</param>
    public int this[int key] => _keys is null ? key : _keys[key];

    /// <summary>The keys, by their number, that the model does not know.</summary>
    public IEnumerable<int> UnknownKeys => Enumerable.Range(0, _keys?.Length ?? 0).Where(key => _keys![key] == Unknown);

    /// <summary>The table as numbers, from 0; null where every key is its own.</summary>
    public IReadOnlyList<int>? Keys => _keys;
}
