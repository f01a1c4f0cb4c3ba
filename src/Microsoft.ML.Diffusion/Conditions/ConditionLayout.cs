using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// What the numbers of a packed condition row are: first the conditions of the network, then the inputs of each guidance, in
/// the order in which they were appended.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class ConditionLayout
{
    private readonly int[] _offsets;

    /// <summary>A layout of slots, one after the other.</summary>
    /// <param name="slots">The slots; none for an unconditional model.</param>
    [JsonConstructor]
    public ConditionLayout(IReadOnlyList<ConditionSlot> slots)
    {
        ArgumentNullException.ThrowIfNull(slots);
        Slots = [.. slots];
        _offsets = new int[slots.Count];
        foreach (int i in Enumerable.Range(0, slots.Count))
        {
            if (slots[i].Width < 1)
                throw new ArgumentException($"Condition '{slots[i].Name}' has width {slots[i].Width}; it must be at least 1.", nameof(slots));
            _offsets[i] = Width;
            Width += slots[i].Width;
        }
    }

    /// <summary>The layout of an unconditional model.</summary>
    public static ConditionLayout Empty { get; } = new([]);

    /// <summary>The slots in order.</summary>
    public IReadOnlyList<ConditionSlot> Slots { get; }

    /// <summary>The number of packed numbers of a row.</summary>
    [JsonIgnore]
    public int Width { get; }

    /// <summary>Where a slot's numbers start.</summary>
    /// <param name="slot">The index of the slot.</param>
    public int OffsetOf(int slot) => _offsets[slot];

    /// <summary>This layout with further slots at its end.</summary>
    /// <param name="slots">The slots to append.</param>
    public ConditionLayout Append(params IEnumerable<ConditionSlot> slots) => new([.. Slots, .. slots]);

    /// <summary>Whether every condition of a row is missing.</summary>
    /// <param name="row">At least <see cref="Width"/> numbers.</param>
    internal bool IsMissing(ReadOnlySpan<float> row)
    {
        for (int i = 0; i < Slots.Count; i++)
            if (!Slots[i].IsMissing(row.Slice(_offsets[i], Slots[i].Width)))
                return false;
        return true;
    }

    /// <summary>Writes a row in which every value is missing.</summary>
    /// <param name="row">At least <see cref="Width"/> numbers.</param>
    public void WriteMissing(Span<float> row)
    {
        for (int i = 0; i < Slots.Count; i++)
            row.Slice(_offsets[i], Slots[i].Width).Fill(Slots[i].Missing);
    }
}
