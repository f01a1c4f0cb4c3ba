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

    /// <summary>The device that an MLContext asks for, or the CPU where that may stand in.</summary>
    /// <exception cref="InvalidOperationException">There is no such GPU, and the CPU may not stand in.</exception>
    public static Device Resolve(IHostEnvironment environment)
    {
        try
        {
            return TorchDevice.Resolve(GpuDeviceId(environment));
        }
        catch (InvalidOperationException) when (FallbackToCpu(environment))
        {
            return TorchDevice.Resolve(null);
        }
    }

    /// <summary>
    /// The device for a model that is loaded. Where it is missing the weights stay on the CPU, and the model says so when it is used: ML.NET would wrap an exception of a loader in one of its own
    /// for each level of the pipeline.
    /// </summary>
    /// <returns>Where weights go, and why the model can not be used; null where it can.</returns>
    public static (Device Device, string? Missing) ForLoading(IHostEnvironment environment)
    {
        try
        {
            return (Resolve(environment), null);
        }
        catch (InvalidOperationException e)
        {
            return (TorchDevice.Resolve(null), $"The model was loaded for the GpuDeviceId of its MLContext. {e.Message} Load it by an MLContext without GpuDeviceId, or by one with FallbackToCpu = true, to compute on the CPU.");
        }
    }
}
