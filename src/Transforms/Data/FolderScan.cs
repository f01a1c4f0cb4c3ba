namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>What lies in a folder of pictures: those that can be read, and what is passed over.</summary>
internal sealed class FolderScan
{
    // JPEG has many names.
    private static readonly string[] _extensions = [".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".pjpeg", ".pjp", ".bmp", ".dib", ".gif", ".webp"];

    // Made by Windows, macOS's archives and network stores for themselves; what they hide on Unix begins with a dot.
    private static readonly string[] _ofTheSystem = ["Thumbs.db", "desktop.ini", "__MACOSX", "@eaDir"];

    private static readonly EnumerationOptions _all = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    private readonly List<(string Label, string Path)> _files = [];
    private readonly List<string> _problems = [];
    private readonly List<string> _emptyClasses = [];
    private readonly SortedDictionary<string, int> _others = new(StringComparer.Ordinal);

    /// <summary>Lists a folder and its sub-folders, whose names are the labels, in ordinal order.</summary>
    /// <param name="folder">The folder.</param>
    public FolderScan(string folder)
    {
        var classes = new List<FileSystemInfo>();
        string root = RealPath.Of(folder);
        foreach (FileSystemInfo entry in Entries(folder))
            if (IsFolder(entry))
                classes.Add(entry);
            else
                Take("", entry);
        foreach (FileSystemInfo entry in classes)
        {
            (int files, int others) = (_files.Count, _others.Values.Sum());
            Walk(CanonicalText.Of(entry.Name), entry.FullName, [root]);
            if (_files.Count == files)
                _emptyClasses.Add($"'{entry.Name}' ({(_others.Values.Sum() - others is > 0 and var count ? $"{count} of other formats" : "empty")})");
        }
    }

    /// <summary>The formats that are read, by the ends of names.</summary>
    public static string Formats { get; } = string.Join(", ", _extensions);

    /// <summary>The pictures.</summary>
    public IReadOnlyList<(string Label, string Path)> Files => _files;

    /// <summary>The folders that can not be read, and why.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Whether a class is lost.</summary>
    public bool HasEmptyClasses => _emptyClasses.Count > 0;

    /// <summary>What was passed over, in a sentence or two; empty where there was nothing.</summary>
    public string Describe()
    {
        var sentences = new List<string>();
        if (_emptyClasses.Count > 0)
            sentences.Add($"{_emptyClasses.Count} sub-folder{(_emptyClasses.Count == 1 ? " holds" : "s hold")} no picture: {Summary.Of(_emptyClasses)}.");
        if (_others.Count > 0)
            sentences.Add($"{Plural.Of(_others.Values.Sum(), "file is", "files are")} in none of the formats that are read ({Formats}): {Summary.Of([.. _others.Select(kind => $"{kind.Value} {kind.Key}")])}.");
        return string.Join(' ', sentences);
    }

    // Each folder once for each label, whatever links lead to it.
    private void Walk(string label, string folder, HashSet<string> seen)
    {
        try
        {
            if (!seen.Add(RealPath.Of(folder)))
                return;
            foreach (FileSystemInfo entry in Entries(folder))
                if (IsFolder(entry))
                    Walk(label, entry.FullName, seen);
                else
                    Take(label, entry);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _problems.Add($"The folder '{folder}' can not be read: {exception.Message}");
        }
    }

    private void Take(string label, FileSystemInfo file)
    {
        if (_extensions.Contains(file.Extension, StringComparer.OrdinalIgnoreCase))
        {
            _files.Add((label, file.FullName));
            return;
        }
        string kind = file.Extension.Length > 0 ? file.Extension.ToLowerInvariant() : "without an extension";
        _others[kind] = _others.GetValueOrDefault(kind) + 1;
    }

    private static FileSystemInfo[] Entries(string folder) =>
        [.. new DirectoryInfo(folder).EnumerateFileSystemInfos("*", _all).Where(entry => !IsHidden(entry)).OrderBy(entry => entry.FullName, StringComparer.Ordinal)];

    // A link to a folder is one.
    private static bool IsFolder(FileSystemInfo entry) => Directory.Exists(entry.FullName);

    private static bool IsHidden(FileSystemInfo entry) =>
        entry.Name.StartsWith('.') || (entry.Attributes & (FileAttributes.Hidden | FileAttributes.System)) != 0 || _ofTheSystem.Contains(entry.Name, StringComparer.OrdinalIgnoreCase);
}
