using System.Runtime.InteropServices;

namespace Microsoft.ML.Diffusion;

/// <summary>What NVIDIA's driver knows of a GPU; TorchSharp has no calls for it.</summary>
internal static class CudaDriver
{
    private const int ComputeCapabilityMajor = 75;

    [UnmanagedFunctionPointer(CallingConvention.Winapi)]
    private delegate int GetDevice(out int device, int ordinal);

    [UnmanagedFunctionPointer(CallingConvention.Winapi)]
    private delegate int GetAttribute(out int value, int attribute, int device);

    [UnmanagedFunctionPointer(CallingConvention.Winapi)]
    private delegate int GetTotalMemory(out nuint bytes, int device);

    /// <summary>The major number of the compute capability; null where there is no such GPU or driver.</summary>
    /// <param name="index">The number of the GPU.</param>
    public static int? CapabilityMajor(int index)
        => Find(index) is var (driver, device) && Call<GetAttribute>(driver, "cuDeviceGetAttribute")(out int major, ComputeCapabilityMajor, device) == 0 ? major : null;

    /// <summary>The bytes of its memory, whoever uses them; null where there is no such GPU or driver.</summary>
    /// <param name="index">The number of the GPU.</param>
    public static long? TotalMemory(int index)
        => Find(index) is var (driver, device) && Call<GetTotalMemory>(driver, "cuDeviceTotalMem_v2")(out nuint bytes, device) == 0 ? (long)bytes : null;

    private static (nint Driver, int Device)? Find(int index)
        => NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out nint driver)
            && Call<GetDevice>(driver, "cuDeviceGet")(out int device, Math.Max(index, 0)) == 0 ? (driver, device) : null;

    private static T Call<T>(nint driver, string name)
        where T : Delegate
        => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(driver, name));
}
