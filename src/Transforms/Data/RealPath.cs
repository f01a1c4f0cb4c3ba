namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Paths without links.</summary>
internal static class RealPath
{
    private const int MostLinks = 40; // as Linux

    /// <summary>The path that a path leads to.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="IOException">Links lead in a circle.</exception>
    public static string Of(string path) => Of(path, MostLinks);

    private static string Of(string path, int links)
    {
        string full = Path.GetFullPath(path), at = Path.GetPathRoot(full)!;
        foreach (string part in full[at.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            string next = Path.Combine(at, part);
            at = new DirectoryInfo(next).LinkTarget is not { } target ? next
                : links > 0 ? Of(Path.Combine(at, target), links - 1)
                : throw new IOException($"The links of '{path}' lead in a circle.");
        }
        return at;
    }
}
