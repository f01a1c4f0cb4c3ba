using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// How many rows are sampled at once where the user leaves it open. It depends on the model and the machine alone, not on the memory that
/// happens to be free, so that results repeat.
/// </summary>
internal static class BatchSizes
{
    // A processor gains nothing from more; a GPU has by then long been busy.
    private const int MostOnCpu = 16, MostOnGpu = 256;

    // A quarter of the memory: the rest is for weights, other programs, and guidances that hold gradients.
    private const int Share = 4;

    // Classifier-free guidance asks for each row twice; the sampler's own registers are small beside a network.
    private const int Copies = 2;

    /// <summary>The number of rows.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="device">Where it computes.</param>
    public static int For(DenoiserSpec spec, Device device)
        => For(spec.Network.PeakBytes(spec.Shape, spec.Conditions), DeviceMemory.Total(device), device.type == DeviceType.CPU ? MostOnCpu : MostOnGpu);

    /// <summary>The number of rows: a power of two.</summary>
    /// <param name="bytesOfRow">The bytes of the network's values for one row.</param>
    /// <param name="memory">The bytes of the device.</param>
    /// <param name="most">The largest answer.</param>
    public static int For(long bytesOfRow, long memory, int most)
    {
        long fits = memory / Share / Copies / Math.Max(1, bytesOfRow), size = most;
        while (size > fits && size > 1)
            size /= 2;
        return (int)size;
    }
}
