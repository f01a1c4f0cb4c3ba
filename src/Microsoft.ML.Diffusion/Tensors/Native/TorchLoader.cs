using System.Runtime.InteropServices;
using TorchSharp;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Loads libtorch, then TorchSharp's bridge, by path. TorchSharp, which later asks for them by name, is given those already loaded;
/// its own search must not start on a machine where it would fail, for it then copies all of libtorch about and blames a package.
/// </summary>
internal static class TorchLoader
{
    /// <summary>Never throws: it runs in a module initializer, where an exception would hide what it says.</summary>
    public static TorchLibraries Load()
    {
        try
        {
            NativeHeap.KeepFreed();
            return LoadOrExplain();
        }
        catch (Exception exception)
        {
            return TorchLibraries.Failed($"libtorch could not be loaded: {exception.Message} {TorchPlatform.Remedy}", exception);
        }
    }

    private static TorchLibraries LoadOrExplain()
    {
        if (LoadedModules.Find(TorchPlatform.BridgeLibrary) is { } early)
            return TorchLibraries.Loaded(LoadedModules.Find(TorchPlatform.CoreLibrary) ?? "the program", early, unloadable: []);

        var programFolders = NativeFolders.OfProgram();
        var torchFolders = programFolders;
        if (LoadedModules.Find(TorchPlatform.CoreLibrary) is { } loaded)
        {
            // Whoever came first has decided: a second libtorch in one process would end it.
            torchFolders = [Path.GetDirectoryName(loaded)!];
        }
        else if (Environment.GetEnvironmentVariable(TorchNative.DirectoryVariable) is { Length: > 0 } chosen)
        {
            if (ReasonToReject(chosen) is { } reason)
                return TorchLibraries.Failed(reason);

            torchFolders = [Path.GetFullPath(chosen)];
        }

        List<string> unloadable = [];
        if (LoadTorch(torchFolders, unloadable) is not { } core)
            return TorchLibraries.Failed(NotFound(TorchPlatform.CoreLibrary, torchFolders));

        try
        {
            return LoadBridge(programFolders) is { } bridge
                ? TorchLibraries.Loaded(core, bridge, unloadable)
                : TorchLibraries.Failed(NotFound(TorchPlatform.BridgeLibrary, programFolders));
        }
        catch (DllNotFoundException exception)
        {
            // The system names a symbol or a library that no user knows; another libtorch than the bridge was built for is what lacks it.
            return TorchLibraries.Failed(
                $"TorchSharp's '{TorchPlatform.BridgeLibrary}' can not be loaded on top of libtorch from {core}: expected libtorch {TorchPlatform.LibTorchVersion}. {TorchPlatform.Remedy} The system says: {exception.Message}", exception);
        }
    }

    private static string? ReasonToReject(string directory)
    {
        string prefix = $"The environment variable {TorchNative.DirectoryVariable} is '{directory}', but ";
        if (!Directory.Exists(directory))
            return $"{prefix}there is no such directory. Expected one that holds '{TorchPlatform.CoreLibrary}' of libtorch {TorchPlatform.LibTorchVersion}.";

        return File.Exists(Path.Combine(directory, TorchPlatform.CoreLibrary))
            ? null
            : $"{prefix}'{TorchPlatform.CoreLibrary}' is not in it. Expected the directory with the libraries of libtorch {TorchPlatform.LibTorchVersion} (a PyTorch wheel has them in torch/lib).";
    }

    /// <summary>Loads what there is of libtorch; gives the path of its core, or null if that is nowhere.</summary>
    private static string? LoadTorch(IReadOnlyList<string> folders, List<string> unloadable)
    {
        string? core = NativeFolders.Find(folders, TorchPlatform.CoreLibrary);
        if (core == null)
            return NativeLibrary.TryLoad("torch_cpu", typeof(torch).Assembly, searchPath: null, out _) ? "the system's search path" : null;

        foreach (string library in TorchPlatform.LibrariesInOrder)
        {
            if (library == TorchPlatform.CoreLibrary)
                NativeFile.Load(core);
            else if (NativeFolders.Find(folders, library) is { } path && !NativeFile.TryLoad(path, out _))
                unloadable.Add(path);
        }

        return core;
    }

    /// <summary>Loads the bridge, relaxed if need be; gives its path, or null if it is nowhere.</summary>
    private static string? LoadBridge(IReadOnlyList<string> folders)
    {
        string? path = NativeFolders.Find(folders, TorchPlatform.BridgeLibrary);
        if (path == null)
            return NativeLibrary.TryLoad("LibTorchSharp", typeof(torch).Assembly, searchPath: null, out _) ? "the system's search path" : null;

        string description = path;
        if (!NativeFile.TryLoad(path, out nint bridge))
            (bridge, description) = TorchPlatform.MayNeedRelaxing ? RelaxedBridge.Load(path) : (NativeFile.Load(path), path);

        GiveToTorchSharp(bridge);
        return description;
    }

    private static void GiveToTorchSharp(nint bridge)
    {
        try
        {
            NativeLibrary.SetDllImportResolver(typeof(torch).Assembly, (name, _, _) => name == "LibTorchSharp" ? bridge : 0);
        }
        catch (InvalidOperationException)
        {
            // The program has a resolver of its own. It need not know of us: the system finds loaded libraries by name.
        }
    }

    private static string NotFound(string library, IReadOnlyList<string> folders) =>
        $"'{library}' was not found in: {string.Join(", ", folders)}. {TorchPlatform.Remedy}";
}
