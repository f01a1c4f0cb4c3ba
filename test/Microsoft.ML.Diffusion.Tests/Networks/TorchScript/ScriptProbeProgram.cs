using System.Diagnostics;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>test/ScriptProbe, which opens TorchScript files where a fault ends no test.</summary>
internal static class ScriptProbeProgram
{
    /// <summary>Runs it; gives how it ended and the lines it printed. A signal is a number above 128.</summary>
    public static (int ExitCode, string[] Lines) Run(string folder, params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory.Replace("Microsoft.ML.Diffusion.Tests", "ScriptProbe", StringComparison.Ordinal), "ScriptProbe.dll");
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(dotnet, [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return (process.ExitCode, process.ExitCode == 0 ? lines : [.. lines, errors.Result]);
    }

    /// <summary>Opens and calls files, each in the order given; gives a line for each.</summary>
    public static string[] RunFiles(params byte[][] files)
    {
        var folder = Directory.CreateTempSubdirectory("script-probe-");
        try
        {
            string[] paths = [.. files.Select((_, i) => Path.Combine(folder.FullName, $"{i}.pt"))];
            for (int i = 0; i < files.Length; i++)
                File.WriteAllBytes(paths[i], files[i]);
            var (exitCode, lines) = Run(folder.FullName, ["run", .. paths]);
            Assert.AreEqual(0, exitCode, string.Join('\n', lines));
            Assert.AreSequenceEqual(paths.Order().ToArray(), Directory.GetFiles(folder.FullName).Order().ToArray(), "nothing else was written");
            return lines;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
