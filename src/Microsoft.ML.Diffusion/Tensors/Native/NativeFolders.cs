namespace Microsoft.ML.Diffusion;

/// <summary>The folders that may hold a program's native libraries.</summary>
internal static class NativeFolders
{
    /// <summary>In the order in which the runtime would look.</summary>
    public static IReadOnlyList<string> OfProgram()
    {
        // Set by the host: from the program's .deps.json, or where a single-file program has unpacked itself.
        string known = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        string[] usual =
        [
            AppContext.BaseDirectory,
            Path.Combine(AppContext.BaseDirectory, "runtimes", TorchPlatform.RuntimeIdentifier, "native"),
        ];

        return known.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(usual)
            .Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))
            .Distinct()
            .ToList();
    }

    /// <summary>The path of the file in the first folder that has it, or null.</summary>
    public static string? Find(IEnumerable<string> folders, string fileName) =>
        folders.Select(folder => Path.Combine(folder, fileName)).FirstOrDefault(File.Exists);
}
