using System.Diagnostics;

namespace Microsoft.ML.Diffusion;

/// <summary>The native libraries that this process has loaded.</summary>
internal static class LoadedModules
{
    /// <summary>The path of the loaded library with this file name, or null.</summary>
    public static string? Find(string fileName)
    {
        using var process = Process.GetCurrentProcess();
        return process.Modules
            .Cast<ProcessModule>()
            .Select(module => module.FileName)
            .FirstOrDefault(path => Path.GetFileName(path).Equals(fileName, StringComparison.OrdinalIgnoreCase));
    }
}
