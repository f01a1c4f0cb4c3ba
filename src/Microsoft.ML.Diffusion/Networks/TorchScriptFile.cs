using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Microsoft.ML.Diffusion;

/// <summary>Looks into a TorchScript file before native code does, which may end the process.</summary>
internal static partial class TorchScriptFile
{
    private static readonly string[] Namespaces = ["aten", "prim", "quantized"];

    /// <summary>Refuses what is no TorchScript file, or needs operators of an extension.</summary>
    /// <exception cref="ArgumentException">Says why.</exception>
    public static void Check(ReadOnlyMemory<byte> file)
    {
        try
        {
            using var zip = new ZipArchive(new MemoryStream(file.ToArray(), writable: false), ZipArchiveMode.Read);
            if (!zip.Entries.Any(entry => entry.Name == "data.pkl") || !zip.Entries.Any(entry => entry.Name == "constants.pkl"))
                throw new ArgumentException("It is a zip, but no TorchScript module. Save it with torch.jit.save(torch.jit.script(module), path): torch.save alone keeps no code.", nameof(file));
            foreach (var entry in zip.Entries.Where(entry => entry.Name.EndsWith(".py", StringComparison.Ordinal)))
            {
                using var reader = new StreamReader(entry.Open());
                foreach (Match match in Operators().Matches(reader.ReadToEnd()))
                    if (!Namespaces.Contains(match.Groups[1].Value))
                        throw new ArgumentException($"The module needs the operator {match.Groups[1].Value}::{match.Groups[2].Value} of an extension, which is not there.", nameof(file));
            }
        }
        catch (InvalidDataException exception)
        {
            throw new ArgumentException("It is no TorchScript file, which is a zip as torch.jit.save writes it.", nameof(file), exception);
        }
    }

    /// <summary>Reads a file as what a constructor makes of its content; errors name the file.</summary>
    /// <exception cref="ArgumentException">The constructor refuses it.</exception>
    /// <exception cref="IOException">It can not be read.</exception>
    public static T Read<T>(string path, Func<byte[], T> make)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return make(RegularFile.ReadAllBytes(path));
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException($"'{path}': {exception.Message}", nameof(path), exception);
        }
    }

    /// <summary>libtorch's words without its stack.</summary>
    public static string Words(ExternalException exception)
        => string.Join(' ', exception.Message.Split('\n').TakeWhile(line => !line.StartsWith("Exception raised", StringComparison.Ordinal) && !line.StartsWith("frame #", StringComparison.Ordinal)).Select(line => line.Trim())).Trim();

    [GeneratedRegex(@"\bops\.(\w+)\.(\w+)\(")]
    private static partial Regex Operators();
}
