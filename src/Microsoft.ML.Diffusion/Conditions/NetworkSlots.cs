namespace Microsoft.ML.Diffusion;

/// <summary>The part of a layout that a network sees: the conditions at its start, up to the first input of a guidance.</summary>
internal static class NetworkSlots
{
    /// <summary>The network's slots.</summary>
    public static IReadOnlyList<ConditionSlot> Of(ConditionLayout layout) => [.. layout.Slots.TakeWhile(slot => slot is not GuidanceInput)];

    /// <summary>How many there are.</summary>
    public static int CountOf(ConditionLayout layout) => layout.Slots.TakeWhile(slot => slot is not GuidanceInput).Count();
}
