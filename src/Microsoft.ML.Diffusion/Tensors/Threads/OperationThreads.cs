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

    // 0 where the thread does not compute alone.
    [ThreadStatic]
    private static int s_given;

    /// <summary>Whether the number can be set for the calling thread alone.</summary>
    public static bool AreOwn => Entries.Value.OpenMp != 0;

    /// <summary>The number of threads that the calling thread has for its work, also while its operations run alone; 1 within a part of a work.</summary>
    public static int Given => s_given > 0 ? s_given : get_num_threads();

    /// <summary>Lets the calling thread's operations run alone until the scope is disposed; changes nothing where numbers are not a thread's own.</summary>
    public static Scope Alone() => AreOwn ? new Scope(Given, 1, 1) : default;

    /// <summary>As <see cref="Alone"/>, for a part of a work, which is not divided again.</summary>
    public static Scope OfPart() => AreOwn ? new Scope(1, 1, 1) : default;

    /// <summary>Lets the operations of a thread that computes alone run on all threads that it was given, until the scope is disposed.</summary>
    public static Scope Together() => s_given > 1 ? new Scope(s_given, s_given, 0) : default;

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

    /// <summary>Numbers of the calling thread that hold until this is disposed, by the same thread.</summary>
    internal readonly ref struct Scope : IDisposable
    {
        private readonly int _given, _openMp, _mkl;
        private readonly bool _changes;

        internal Scope(int given, int openMp, int mkl)
        {
            _changes = true;
            // libtorch sets a thread's numbers at its first operation there, which therefore comes first.
            _openMp = get_num_threads();
            _given = s_given;
            s_given = given;
            _mkl = Set(openMp, mkl);
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            if (!_changes)
                return;
            _ = Set(_openMp, _mkl);
            s_given = _given;
        }
    }
}
