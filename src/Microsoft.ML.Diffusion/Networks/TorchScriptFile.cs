using System.IO.Compression;
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

    [GeneratedRegex(@"\bops\.(\w+)\.(\w+)\(")]
    private static partial Regex Operators();
}
