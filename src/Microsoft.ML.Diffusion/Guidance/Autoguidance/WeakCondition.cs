using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Where a weaker model finds one of its conditions among those of the model that it guides: keys by their values.</summary>
/// <param name="Place">The index of the model's condition; -1 for none.</param>
/// <param name="Keys">Which key of the weaker model each key is; null where they are the same, or no keys.</param>
internal sealed record WeakCondition(int Place, KeyTable? Keys)
{
    /// <summary>Finds a condition.</summary>
    /// <param name="weak">The condition of the weaker model, which a column gives.</param>
    /// <param name="slots">The conditions of the model.</param>
    /// <exception cref="ArgumentException">The model does not have it, or has values for it that the weaker one does not know.</exception>
    public static WeakCondition Of(ConditionSlot weak, IReadOnlyList<ConditionSlot> slots)
    {
        for (int i = 0; i < slots.Count; i++)
        {
            if (weak.Equals(slots[i]))
                return new WeakCondition(i, null);
            if (weak is not KeyCondition keys || slots[i] is not KeyCondition given || !keys.Equals(given.WithKeys(keys.KeyCount, keys.Values)))
                continue;
            var table = KeyTable.Between(given, keys, out string? why)
                ?? throw new ArgumentException($"For the condition '{weak.Name}' the weaker model has {keys.Describe()}, but the model has {given.Describe()}. {why}", nameof(weak));
            if (table.UnknownKeys.Any())
                throw new ArgumentException($"The weaker model does not know {string.Join(", ", table.UnknownKeys.Take(10).Select(key => CanonicalText.Quote(given.Values!.Values[key - 1])))} of the condition '{weak.Name}', which the model does; it was trained with {keys.Values}.", nameof(weak));
            return new WeakCondition(i, table);
        }
        throw new ArgumentException($"The weaker model has the condition {weak}, which the model does not have; its conditions are: {string.Join(", ", slots)}.", nameof(slots));
    }

    /// <summary>The weaker model's numbers: a fresh tensor.</summary>
    public Tensor Select(Conditioning condition)
    {
        var packed = condition.Slot(Place);
        if (Keys?.Keys is not { } keys)
            return packed;
        using (packed)
        {
            using var table = tensor([.. keys.Select(key => (float)key)], device: packed.device);
            using var index = packed.to(ScalarType.Int64);
            using var flat = index.reshape(-1);
            // A key out of range is refused by the model itself, which natively read could end the process here.
            flat.clamp_(0, keys.Count - 1);
            using var mapped = table.index_select(0, flat);
            using var shaped = mapped.view(packed.shape);
            return shaped.to(packed.dtype, copy: true);
        }
    }
}
