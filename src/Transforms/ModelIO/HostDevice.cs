using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The device that an <see cref="MLContext"/> names: <c>GpuDeviceId</c> and <c>FallbackToCpu</c>.</summary>
internal static class HostDevice
{
    /// <summary>The GPU of an environment; the CPU where it names none, or where there is none and it allows that.</summary>
    /// <exception cref="InvalidOperationException">There is no such GPU.</exception>
    public static Device Of(IHostEnvironment environment)
    {
        TorchNative.EnsureLoaded();
        var settings = environment as IHostEnvironmentInternal;
        return settings?.FallbackToCpu != false && !cuda.is_available() ? CPU : TorchDevice.Resolve(settings?.GpuDeviceId);
    }
}
