using System.IO.Compression;
using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// Checks a model file before ML.NET unpacks it: how many entries it has, how large they say they are, and which loaders they name. The runtime never unpacks more of an entry than the directory
/// says, so that the directory is all there is to check.
/// </summary>
internal sealed class ModelFileCheck(IHostEnvironment environment, ModelFileLimits limits)
{
    private const long AlwaysFine = 64L << 20;
    private const int LongestName = 1024;

    // What ML.NET opens to find a loader: ModelLoadContext.ModelStreamName, and what older versions called it.
    private static readonly string[] PartNames = ["Model.key", "Model.bin"];

    /// <summary>Checks a file.</summary>
    /// <param name="stream">The file; it can seek. It is left at its start.</param>
    /// <exception cref="FormatException">The file is not accepted; says why.</exception>
    public ModelFileContent Run(Stream stream)
    {
        long start = stream.Position;
        if (stream.Length - start < FaithfulStream.TailLength)
            throw new FormatException("The model file is no zip archive: it is too short.");
        int count = ZipDirectory.CountOf(stream);
        if (count > limits.Entries)
            throw Refused($"has {(count == ushort.MaxValue ? "65,535 or more" : $"{count}")} entries; at most {limits.Entries} are accepted");
        stream.Position = start;
        try
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            CheckNames(archive);
            long bytes = CheckSizes(archive, stream.Length - start);
            string[] loaders = [.. archive.Entries.Where(entry => PartNames.Contains(entry.Name)).SelectMany(CheckPart).Distinct()];
            return new ModelFileContent(archive.Entries.Count, bytes, loaders);
        }
        catch (InvalidDataException exception)
        {
            throw new FormatException($"The model file is damaged: {exception.Message}", exception);
        }
        finally
        {
            stream.Position = start;
        }
    }

    // Of two entries of one name ML.NET takes the last; other readers, such as those that scan files, take the first.
    private static void CheckNames(ZipArchive archive)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in archive.Entries)
        {
            string name = entry.FullName.Replace('\\', '/');
            if (name.Length > LongestName || name.StartsWith('/') || name.Contains(':', StringComparison.Ordinal) || name.Split('/').Contains(".."))
                throw Refused($"has an entry whose name is no relative path: '{Short(name)}'");
            if (!names.Add(name))
                throw Refused($"has two entries '{Short(name)}'");
        }
    }

    private long CheckSizes(ZipArchive archive, long fileLength)
    {
        long bytes = 0;
        foreach (var entry in archive.Entries)
        {
            if (entry.Length < 0 || entry.Length > limits.Bytes - bytes)
                throw Refused($"unpacks to more than {limits.Bytes} bytes; entry '{Short(entry.FullName)}' has {entry.Length}");
            bytes += entry.Length;
        }
        if (bytes > AlwaysFine && bytes > limits.Ratio * fileLength)
            throw Refused($"unpacks from {fileLength} bytes to {bytes}, more than the accepted ratio of {limits.Ratio}");
        return bytes;
    }

    private IReadOnlyList<string> CheckPart(ZipArchiveEntry entry)
    {
        ModelHeaderText header;
        try
        {
            using var stream = entry.Open();
            header = ModelHeaderText.Read(stream);
        }
        catch (FormatException exception)
        {
            throw Refused($"has a part '{Short(entry.FullName)}' that can not be read: {exception.Message}");
        }
        if (header.Assembly.Length > 0)
            Load(entry, header.Assembly);
        foreach (string loader in header.Loaders)
        {
            // Names that stand for no loader start nothing: ML.NET reads the parts of some transformers, such as vocabularies, without one.
            var owner = environment.ComponentCatalog.GetLoadableClassInfo<SignatureLoadModel>(loader)?.LoaderType.Assembly.GetName().Name;
            if (owner is not null && !limits.Assemblies.Contains(owner))
                throw Refused($"names the loader '{Short(loader)}' of the assembly {owner} in '{Short(entry.FullName)}'. {Accepted()}");
        }
        return header.Loaders;
    }

    // As ML.NET will: by then it is one of those that are accepted.
    private void Load(ZipArchiveEntry entry, string assembly)
    {
        string name = assembly.Split(',')[0].Trim();
        if (!limits.Assemblies.Contains(name))
            throw Refused($"asks for the assembly '{Short(name)}' in '{Short(entry.FullName)}'. {Accepted()}");
        try
        {
            environment.ComponentCatalog.RegisterAssembly(Assembly.Load(new AssemblyName(name)));
        }
        catch (Exception exception) when (exception is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            throw new FormatException($"The model file needs the assembly '{name}', which this program does not have: add its package.", exception);
        }
    }

    private string Accepted() => $"Accepted are loaders of {string.Join(", ", limits.Assemblies)}; the option {nameof(ModelFileLimits.Assemblies)} adds others";

    private static string Short(string text) => text.Length <= 100 ? text : $"{text[..100]}…";

    private static FormatException Refused(string what) => new($"The model file {what}.");
}
