using System.Runtime.InteropServices;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Runs work of ours on libtorch's own threads. These wait between operations by spinning, so threads of ours would fight with them for processors,
/// and one thread alone would leave the data of a batch in the cache of one processor, from which the next operation has to fetch it.
/// </summary>
/// <remarks>Only where libtorch brings GNU's OpenMP (Linux); elsewhere work runs on the calling thread.</remarks>
internal static unsafe class OpenMpTeam
{
    private static readonly Lazy<(nint Parallel, nint ThreadNumber)> Entries = new(Find);

    /// <summary>Calls a function on each of a number of threads, and waits for all.</summary>
    /// <param name="function">Takes the data, the number of the thread and the number of threads; must not throw.</param>
    /// <param name="data">What it takes.</param>
    /// <param name="threads">The number of threads; at least 1.</param>
    public static void Run(delegate*<void*, int, int, void> function, void* data, int threads)
    {
        var (parallel, _) = Entries.Value;
        if (threads <= 1 || parallel == 0)
        {
            function(data, 0, 1);
            return;
        }
        var work = new Work { Function = function, Data = data, Threads = threads };
        ((delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void>)parallel)(&OnThread, &work, (uint)threads, 0);
    }

    [UnmanagedCallersOnly]
    private static void OnThread(void* data)
    {
        var work = (Work*)data;
        int number = ((delegate* unmanaged<int>)Entries.Value.ThreadNumber)();
        work->Function(work->Data, number, work->Threads);
    }

    // libtorch links to a copy with a name of its own in its own folder, which is loaded by now; another one may be loaded too, with other threads.
    private static (nint Parallel, nint ThreadNumber) Find()
    {
        if (!OperatingSystem.IsLinux())
            return default;
        // Address, rights, offset, device, inode, path.
        string[] loaded = [.. File.ReadLines("/proc/self/maps").Select(line => line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length == 6).Select(fields => fields[5].Trim()).Distinct()];
        string? folder = Path.GetDirectoryName(loaded.FirstOrDefault(file => Path.GetFileName(file) == "libtorch_cpu.so"));
        string? path = loaded.FirstOrDefault(file => Path.GetFileName(file).StartsWith("libgomp", StringComparison.Ordinal) && Path.GetDirectoryName(file) == folder);
        return path is not null && NativeLibrary.TryLoad(path, out nint library)
            && NativeLibrary.TryGetExport(library, "GOMP_parallel", out nint parallel)
            && NativeLibrary.TryGetExport(library, "omp_get_thread_num", out nint number)
            ? (parallel, number) : default;
    }

    private struct Work
    {
        public delegate*<void*, int, int, void> Function;
        public void* Data;
        public int Threads;
    }
}
