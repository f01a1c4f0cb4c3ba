namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Where the golden files lie: the folder that DIFFUSION_GOLDEN names, else test/golden above the running tests.</summary>
public static class GoldenFolder
{
    private static readonly EnumerationOptions Deep = new() { RecurseSubdirectories = true };

    public static string Path { get; } = Find();

    /// <summary>All golden files, subfolders included.</summary>
    public static IEnumerable<string> Files => Directory.EnumerateFiles(Path, "*.json", Deep).Order(StringComparer.Ordinal);

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("DIFFUSION_GOLDEN") is { Length: > 0 } given)
            return Directory.Exists(given) ? given : throw new DirectoryNotFoundException($"DIFFUSION_GOLDEN names '{given}', which is no folder.");
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = System.IO.Path.Combine(folder.FullName, "test", "golden");
            if (Directory.Exists(candidate))
                return candidate;
        }
        throw new DirectoryNotFoundException($"No folder test/golden above '{AppContext.BaseDirectory}'; name one in DIFFUSION_GOLDEN.");
    }
}
