using System.Text.RegularExpressions;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>The files of a folder of sources, and the types that each declares.</summary>
internal sealed partial class SourceFiles
{
    private readonly Dictionary<string, string> _fileOf = [];

    /// <summary>Reads the sources of a project.</summary>
    /// <param name="root">The folder src.</param>
    /// <param name="project">The project's folder in it.</param>
    public SourceFiles(string root, string project)
    {
        All = [.. Directory.EnumerateFiles(Path.Combine(root, project), "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(root, path).Replace('\\', '/')).Where(path => !path.StartsWith($"{project}/obj/", StringComparison.Ordinal) && !path.StartsWith($"{project}/bin/", StringComparison.Ordinal))];
        foreach (string file in All)
            foreach (Match type in Declaration().Matches(File.ReadAllText(Path.Combine(root, file))))
                // A partial type stands where its first file does: all are in one folder, which the test asks.
                _fileOf.TryAdd(type.Groups["name"].Value, file);
    }

    /// <summary>All files, below src, with slashes.</summary>
    public IReadOnlyList<string> All { get; }

    /// <summary>The file of a type that is in no other; null where there is none, as for what the compiler makes.</summary>
    /// <param name="name">Its name, without namespace and number of parameters.</param>
    public string? FileOf(string name) => _fileOf.GetValueOrDefault(name);

    [GeneratedRegex(@"^(?:(?:public|internal|static|sealed|abstract|partial|readonly|unsafe|ref|file) )+(?:(?:record struct|record class|record|class|struct|interface|enum) |delegate [^(\n]*?)(?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
