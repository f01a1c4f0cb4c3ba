using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// How many threads libtorch's operations use when the calling thread starts them. OpenMP and MKL keep that number for each thread apart; TorchSharp binds only
/// <c>set_num_threads</c>, which also decides for threads that are still to come.
/// </summary>
/// <remarks>On Linux, through the libraries that libtorch itself is linked to; elsewhere <see cref="AreOwn"/> is false.</remarks>
internal static unsafe class OperationThreads
{
    private static readonly Lazy<(nint OpenMp, nint Mkl)> Entries = new(Find);

    /// <summary>Whether the number can be set for the calling thread alone.</summary>
    public static bool AreOwn => Entries.Value.OpenMp != 0;

    /// <summary>Lets the calling thread compute alone.</summary>
    /// <returns>The numbers to <see cref="Restore"/>.</returns>
    public static (int OpenMp, int Mkl) BeAlone()
    {
        // libtorch sets a thread's numbers at its first operation there, which therefore comes first.
        int before = get_num_threads();
        return (before, Set(1, 1));
    }

    /// <summary>Gives the calling thread its numbers back.</summary>
    /// <param name="before">What <see cref="BeAlone"/> returned.</param>
    public static void Restore((int OpenMp, int Mkl) before) => _ = Set(before.OpenMp, before.Mkl);

    // MKL's number, of which 0 stands for that of the process, wins over OpenMP's in matrix products. Returns what it was.
    private static int Set(int openMp, int mkl)
    {
        ((delegate* unmanaged<int, void>)Entries.Value.OpenMp)(openMp);
        return Entries.Value.Mkl == 0 ? 0 : ((delegate* unmanaged<int, int>)Entries.Value.Mkl)(mkl);
    }

    // Looked up through libtorch, a name is found where libtorch finds it, whatever other OpenMP is loaded. Builds without MKL have no such name.
    private static (nint OpenMp, nint Mkl) Find()
    {
        if (!OperatingSystem.IsLinux() || LoadedModules.Find(TorchPlatform.CoreLibrary) is not { } path || !NativeLibrary.TryLoad(path, out nint library)
            || !NativeLibrary.TryGetExport(library, "omp_set_num_threads", out nint openMp))
            return default;
        return (openMp, NativeLibrary.TryGetExport(library, "MKL_Set_Num_Threads_Local", out nint mkl) ? mkl : 0);
    }
}
