using System.Runtime.InteropServices;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// What glibc does with memory that libtorch frees. By default it gives large blocks back to the kernel at once, which clears them anew at the next operation, for up to half of a training step.
/// Here they are kept for the next operation, and given back when a run ends.
/// </summary>
/// <remarks>For Linux with glibc; elsewhere nothing. Who sets glibc's own variables (<c>MALLOC_TRIM_THRESHOLD_</c> and its like, <c>GLIBC_TUNABLES</c>) has decided otherwise.</remarks>
internal static unsafe class NativeHeap
{
    // The parameters of mallopt(3): from which size a block is a mapping of its own, and from which size free memory at the end of the heap is given back.
    private const int TrimThreshold = -1, MapThreshold = -3;

    private static delegate* unmanaged<nuint, int> trim;

    /// <summary>Whether freed memory is kept.</summary>
    public static bool KeepsFreed => trim != null;

    /// <summary>Keeps freed memory from now on.</summary>
    public static void KeepFreed()
    {
        if (!OperatingSystem.IsLinux() || IsDecided()
            || !NativeLibrary.TryLoad("libc.so.6", out nint library)
            || !NativeLibrary.TryGetExport(library, "mallopt", out nint set)
            || !NativeLibrary.TryGetExport(library, "malloc_trim", out nint giveBack))
            return;
        var option = (delegate* unmanaged<int, int, int>)set;
        _ = option(MapThreshold, 1 << 30);
        _ = option(TrimThreshold, int.MaxValue);
        trim = (delegate* unmanaged<nuint, int>)giveBack;
    }

    /// <summary>Gives what is free back to the kernel.</summary>
    public static void GiveBack()
    {
        if (KeepsFreed)
            _ = trim(0);
    }

    private static bool IsDecided() => Environment.GetEnvironmentVariables().Keys.Cast<string>()
        .Any(name => name == "GLIBC_TUNABLES" || (name.StartsWith("MALLOC_", StringComparison.Ordinal) && name.EndsWith('_')));
}
