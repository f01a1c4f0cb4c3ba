using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Packed condition rows as a tensor.</summary>
internal static class PackedConditions
{
    /// <summary>The rows [count, width] on a device; null where there are no conditions.</summary>
    /// <param name="layout">What the numbers are.</param>
    /// <param name="rows">The rows, one after the other.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="device">The device.</param>
    public static Tensor? ToTensor(ConditionLayout layout, float[] rows, int count, Device device)
    {
        if (layout.Width == 0)
            return null;
        using var host = tensor(rows, [count, layout.Width]);
        return host.to(device, copy: true);
    }
}
