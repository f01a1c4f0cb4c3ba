using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Chooses the device on which tensors live.</summary>
public static class TorchDevice
{
    /// <summary>The CPU, or a CUDA device. There is no falling back from one to the other.</summary>
    /// <param name="gpuDeviceId">The index of a CUDA device, from 0; null for the CPU.</param>
    /// <exception cref="InvalidOperationException">There is no such device; says what there is.</exception>
    /// <exception cref="TorchNotFoundException">libtorch is missing or can not be loaded; the message says what to install.</exception>
    public static Device Resolve(int? gpuDeviceId)
    {
        TorchNative.EnsureLoaded();
        if (gpuDeviceId is not { } id)
            return CPU;
        if (!cuda.is_available())
            throw new InvalidOperationException($"GPU {id} was asked for, but no CUDA device is available. Bring a CUDA build of libtorch and a driver, or ask for no GPU.");
        int count = cuda.device_count();
        if (id < 0 || id >= count)
            throw new InvalidOperationException($"GPU {id} was asked for, but the CUDA devices are 0 to {count - 1}.");
        return new Device(DeviceType.CUDA, id);
    }
}
