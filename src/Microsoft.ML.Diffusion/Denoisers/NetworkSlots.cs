using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>The part of a layout that a network sees: the conditions at its start, up to the first input of a guidance.</summary>
internal static class NetworkSlots
{
    /// <summary>The network's slots.</summary>
    public static IReadOnlyList<ConditionSlot> Of(ConditionLayout layout) => [.. layout.Slots.TakeWhile(slot => slot is not GuidanceInput)];

    /// <summary>How many packed numbers they take.</summary>
    public static int WidthOf(ConditionLayout layout) => layout.Slots.TakeWhile(slot => slot is not GuidanceInput).Sum(slot => slot.Width);

    /// <summary>The same rows with every condition of the network missing; inputs of guidances stay: a fresh tensor, null where there are no conditions.</summary>
    public static Tensor? WithoutConditions(Conditioning condition)
    {
        int width = WidthOf(condition.Layout);
        if (width == 0)
            return null;
        var row = new float[condition.Layout.Width];
        condition.Layout.WriteMissing(row);
        using var off = no_grad();
        using var values = tensor(row.AsSpan(0, width).ToArray(), device: condition.Packed.device);
        var result = condition.Packed.clone();
        using var network = result.narrow(1, 0, width);
        network.copy_(values);
        return result;
    }
}
