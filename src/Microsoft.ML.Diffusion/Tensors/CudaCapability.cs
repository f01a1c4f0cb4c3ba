using System.Runtime.InteropServices;

namespace Microsoft.ML.Diffusion;

/// <summary>Reads a GPU's compute capability from NVIDIA's driver; TorchSharp has no call for it.</summary>
internal static class CudaCapability
{
    private const int ComputeCapabilityMajor = 75;

    [UnmanagedFunctionPointer(CallingConvention.Winapi)]
    private delegate int GetDevice(out int device, int ordinal);

    [UnmanagedFunctionPointer(CallingConvention.Winapi)]
    private delegate int GetAttribute(out int value, int attribute, int device);

    /// <summary>The major number of the capability; null where there is no such GPU or driver.</summary>
    public static int? Major(int index)
    {
        if (!NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out nint driver))
            return null;
        var getDevice = Marshal.GetDelegateForFunctionPointer<GetDevice>(NativeLibrary.GetExport(driver, "cuDeviceGet"));
        var getAttribute = Marshal.GetDelegateForFunctionPointer<GetAttribute>(NativeLibrary.GetExport(driver, "cuDeviceGetAttribute"));
        return getDevice(out int device, Math.Max(index, 0)) == 0 && getAttribute(out int major, ComputeCapabilityMajor, device) == 0 ? major : null;
    }
}
