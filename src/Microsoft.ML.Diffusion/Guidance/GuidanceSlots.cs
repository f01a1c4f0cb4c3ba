using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Reads what rows give a guidance.</summary>
internal static class GuidanceSlots
{
    /// <summary>The numbers of an input [B, size]: a view, to be disposed by the caller; null where rows do not give it.</summary>
    /// <param name="condition">The conditions of the batch.</param>
    /// <param name="slot">The slot of the input.</param>
    /// <param name="name">The name of the input.</param>
    /// <param name="size">How many numbers it has.</param>
    /// <exception cref="ArgumentException">The slot holds another input.</exception>
    public static Tensor? Find(Conditioning condition, int slot, string name, int size)
    {
        var slots = condition.Layout.Slots;
        if (slot >= slots.Count || slots[slot] is not GuidanceInput input)
            return null;
        if (input.Name != name || input.Size != size)
            throw new ArgumentException($"The guidance expects its input '{name}' of {size} numbers in slot {slot}; the layout is [{string.Join(", ", slots)}].", nameof(condition));
        return input.IsGiven ? condition.Slot(slot) : null;
    }

    /// <summary>One number a row, shaped [B, 1, ...] to broadcast against a tensor, in its type: a fresh tensor; null where rows do not give it.</summary>
    /// <param name="condition">The conditions of the batch.</param>
    /// <param name="slot">The slot of the input.</param>
    /// <param name="name">The name of the input.</param>
    /// <param name="missing">The number of rows that have none.</param>
    /// <param name="like">A tensor [B, ...].</param>
    public static Tensor? Column(Conditioning condition, int slot, string name, double missing, Tensor like)
    {
        using var given = Find(condition, slot, name, 1);
        if (given is null)
            return null;
        // In the type of the run before the default fills in: rows give Single, but an option of 1.7 is 1.7 in double.
        using var cast = given.to(like.dtype, copy: true);
        using var filled = cast.nan_to_num(missing);
        return filled.view(RowTensors.ColumnShape((int)like.size(0), like));
    }
}
