using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>How much memory a device has for a program.</summary>
internal static class DeviceMemory
{
    /// <summary>The bytes in all, whoever uses them at the moment: that of the GPU, or what the system or its container grants the process.</summary>
    /// <param name="device">The device.</param>
    public static long Total(Device device)
        => device.type == DeviceType.CUDA ? CudaDriver.TotalMemory(device.index) ?? 0 : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
}
