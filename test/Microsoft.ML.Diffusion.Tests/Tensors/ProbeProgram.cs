using System.Diagnostics;

namespace Microsoft.ML.Diffusion.Tests.Tensors;

/// <summary>A copy of test/NativeProbe in a folder of its own, with the native libraries that a test gives it.</summary>
internal sealed class ProbeProgram : IDisposable
{
    private const int TimeoutMilliseconds = 120_000;

    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("probe-");

    public ProbeProgram()
    {
        Folder = root.CreateSubdirectory("app").FullName;
        Cache = root.CreateSubdirectory("data").FullName;

        // Without a .deps.json the host takes the managed libraries next to the program, and knows of no native ones elsewhere.
        string[] files = ["NativeProbe.dll", "NativeProbe.runtimeconfig.json", "Microsoft.ML.Diffusion.dll", "TorchSharp.dll"];
        foreach (string file in files)
            File.Copy(Path.Combine(AppContext.BaseDirectory, file), Path.Combine(Folder, file));
    }

    /// <summary>The folder of the program.</summary>
    public string Folder { get; }

    /// <summary>The user's folder for local data, as the program sees it.</summary>
    public string Cache { get; }

    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Gives the program all of libtorch.</summary>
    public ProbeProgram WithTorch()
    {
        foreach (string library in Directory.GetFiles(Path.GetDirectoryName(NativeFiles.Core)!))
        {
            if (Path.GetFileName(library) != TorchPlatform.BridgeLibrary)
                Link(library);
        }

        return this;
    }

    /// <summary>Gives the program TorchSharp's bridge as it is shipped.</summary>
    public ProbeProgram WithBridge()
    {
        Link(NativeFiles.Bridge);
        return this;
    }

    /// <summary>Gives the program a bridge that every system can load, as newer systems can load the one that is shipped.</summary>
    public ProbeProgram WithRelaxedBridge()
    {
        byte[] image = File.ReadAllBytes(NativeFiles.Bridge);
        ElfVersionRelaxer.TryRelax(image);
        File.WriteAllBytes(Path.Combine(Folder, TorchPlatform.BridgeLibrary), image);
        return this;
    }

    /// <summary>Runs the steps; gives the lines printed.</summary>
    public string[] Run(params string[] steps)
    {
        using var process = Start(steps);
        return Finish(process);
    }

    public Process Start(params string[] steps)
    {
        string dotnet = System.Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(dotnet, [Path.Combine(Folder, "NativeProbe.dll"), .. steps])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["XDG_DATA_HOME"] = Cache;
        start.Environment["NUGET_PACKAGES"] = Cache;   // TorchSharp would copy libtorch from the package folder
        start.Environment.Remove(TorchNative.DirectoryVariable);
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;

        return Process.Start(start)!;
    }

    public static string[] Finish(Process process)
    {
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeoutMilliseconds))
        {
            process.Kill();
            throw new TimeoutException("The probe did not end.");
        }

        return (output.Result + error.Result).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    public void Dispose() => root.Delete(recursive: true);

    private void Link(string library) => File.CreateSymbolicLink(Path.Combine(Folder, Path.GetFileName(library)), library);
}
