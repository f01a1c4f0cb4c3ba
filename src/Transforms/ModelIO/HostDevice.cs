using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The device that an MLContext asks for.</summary>
internal static class HostDevice
{
    /// <summary>The number of the GPU; null for the CPU.</summary>
    public static int? GpuDeviceId(IHostEnvironment environment) => (environment as IHostEnvironmentInternal)?.GpuDeviceId;

    /// <summary>Whether the CPU may stand in for a GPU that is not there.</summary>
    public static bool FallbackToCpu(IHostEnvironment environment) => environment is IHostEnvironmentInternal { FallbackToCpu: true };

    /// <summary>The device for a model that is loaded.</summary>
    /// <exception cref="InvalidOperationException">There is no such GPU, and the CPU may not stand in.</exception>
    public static Device Resolve(IHostEnvironment environment)
    {
        TorchNative.EnsureLoaded();
        return TorchDevice.Resolve(FallbackToCpu(environment) && !cuda.is_available() ? null : GpuDeviceId(environment));
    }
}
