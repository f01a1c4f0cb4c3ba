using System.Collections.Concurrent;

namespace Microsoft.ML.Diffusion;

/// <summary>The names that files and folders have until they are whole: hidden, and short whatever they will be called.</summary>
internal static class TemporaryName
{
    private const string Prefix = ".", Suffix = ".mldiffusion";

    // Where a file system knows no locks, the age tells what nobody writes any more.
    private static readonly TimeSpan _age = TimeSpan.FromMinutes(10);

    private static readonly EnumerationOptions _all = new() { AttributesToSkip = 0, MatchType = MatchType.Simple };

    // What this process itself leaves it removes at once, so that one look at a folder is enough.
    private static readonly ConcurrentDictionary<string, bool> _seen = new();

    /// <summary>A new name.</summary>
    /// <param name="folder">The folder that it lies in.</param>
    public static string In(string folder) => Path.Combine(folder, Prefix + Path.GetRandomFileName() + Suffix);

    /// <summary>Removes what killed processes left; once for each folder.</summary>
    /// <param name="folder">The folder.</param>
    public static void RemoveAbandoned(string folder)
    {
        if (_seen.TryAdd(folder, true))
            RemoveAbandoned(folder, TimeProvider.System.GetUtcNow() - _age);
    }

    /// <summary>Removes what was last written before a time, and is not being written.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="before">The time.</param>
    public static void RemoveAbandoned(string folder, DateTimeOffset before)
    {
        foreach (FileSystemInfo entry in new DirectoryInfo(folder).EnumerateFileSystemInfos(Prefix + "*" + Suffix, _all))
        {
            try
            {
                if (!IsAbandoned(entry, before.UtcDateTime))
                    continue;
                if (entry is DirectoryInfo directory)
                    directory.Delete(recursive: true);
                else
                    entry.Delete();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Another process was quicker, or may do what this one may not: no reason not to save.
            }
        }
    }

    private static bool IsAbandoned(FileSystemInfo entry, DateTime before) => entry.LastWriteTimeUtc < before && (entry is DirectoryInfo directory
        ? directory.EnumerateFileSystemInfos("*", _all).All(inner => IsAbandoned(inner, before))
        : !IsInUse(entry.FullName));

    private static bool IsInUse(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
