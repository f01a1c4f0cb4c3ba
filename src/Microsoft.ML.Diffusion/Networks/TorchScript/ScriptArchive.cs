using System.IO.Compression;
using System.Text;

namespace Microsoft.ML.Diffusion;

/// <summary>The entries of a TorchScript file, read within bounds.</summary>
internal sealed class ScriptArchive
{
    private const int MostEntries = 1 << 16;
    private const long MostText = 1 << 26;
    private const int MostTimes = 16;

    private readonly Dictionary<string, byte[]> _entries = [];

    /// <summary>Reads a file.</summary>
    /// <exception cref="ArgumentException">It is no such file, or unpacks to more than it may; says why.</exception>
    public ScriptArchive(ReadOnlyMemory<byte> file)
    {
        try
        {
            using var zip = new ZipArchive(new MemoryStream(file.ToArray(), writable: false), ZipArchiveMode.Read);
            if (zip.Entries.Count > MostEntries)
                throw Refuse($"it has {zip.Entries.Count} entries; expected at most {MostEntries}");
            long left = MostText + (MostTimes * (long)file.Length);
            string? folder = null;
            foreach (var entry in zip.Entries.Where(entry => !entry.FullName.EndsWith('/')))
            {
                int slash = entry.FullName.IndexOf('/', StringComparison.Ordinal);
                folder ??= slash > 0 ? entry.FullName[..slash] : "";
                if (slash <= 0 || entry.FullName[..slash] != folder || entry.FullName.Contains('\\', StringComparison.Ordinal) || entry.FullName.Split('/').Any(part => part is "" or "." or ".."))
                    throw Refuse($"the path '{entry.FullName}' does not lie in the one folder of the archive");
                string name = entry.FullName[(slash + 1)..];
                if (!IsUsed(name))
                    continue;
                if (entry.Length > (IsText(name) ? Math.Min(left, MostText) : left))
                    throw Refuse($"the entry '{name}' unpacks to {entry.Length} bytes, out of proportion to the file's {file.Length}");
                left -= entry.Length;
                if (!_entries.TryAdd(name, Unpack(entry)))
                    throw Refuse($"the entry '{name}' is there twice");
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or NotSupportedException or IOException)
        {
            throw new ArgumentException("It is no TorchScript file, which is a zip as torch.jit.save writes it.", nameof(file), exception);
        }
        if (!_entries.ContainsKey("data.pkl") || !_entries.ContainsKey("constants.pkl"))
            throw new ArgumentException("It is a zip, but no TorchScript module. Save it with torch.jit.save(torch.jit.script(module), path): torch.save alone keeps no code.", nameof(file));
    }

    /// <summary>The files of code.</summary>
    public IEnumerable<ScriptSource> Sources
        => _entries.Where(entry => entry.Key.StartsWith("code/", StringComparison.Ordinal)).OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => new ScriptSource(entry.Key[5..^3], Encoding.Latin1.GetString(entry.Value)));

    /// <summary>An entry; null where there is none.</summary>
    public byte[]? Content(string name) => _entries.GetValueOrDefault(name);

    /// <summary>What is thrown where a part is refused.</summary>
    public static ArgumentException Refuse(string why) => new($"The TorchScript file is refused: {why}.");

    /// <summary>Writes entries as libtorch reads them, none of them packed.</summary>
    public static byte[] Write(IEnumerable<(string Name, byte[] Content)> entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var entry = zip.CreateEntry("checked/" + name, CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        }
        return stream.ToArray();
    }

    private static bool IsText(string name) => name.EndsWith(".py", StringComparison.Ordinal) || name.EndsWith(".pkl", StringComparison.Ordinal);

    // What else there may be (places in the author's sources, bytecode for phones, files of the user's own) is not needed and not given to libtorch.
    private static bool IsUsed(string name)
        => name is "data.pkl" or "constants.pkl" or "version" or "byteorder" || name.StartsWith("data/", StringComparison.Ordinal) || name.StartsWith("constants/", StringComparison.Ordinal)
        || (name.StartsWith("code/", StringComparison.Ordinal) && name.EndsWith(".py", StringComparison.Ordinal));

    private static byte[] Unpack(ZipArchiveEntry entry)
    {
        var content = new byte[entry.Length];
        using var stream = entry.Open();
        if (stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false) < content.Length || stream.ReadByte() >= 0)
            throw Refuse($"the entry '{entry.FullName}' does not have the {entry.Length} bytes that it says");
        return content;
    }
}
