using System.IO.Compression;
using System.Text;

namespace Microsoft.ML.Diffusion.TestSupport;

/// <summary>The zip of a TorchScript file, entry by entry.</summary>
public static class ScriptZip
{
    /// <summary>A file of a module, its code and its constants.</summary>
    public static Dictionary<string, byte[]> Entries(ScriptObject module, IReadOnlyDictionary<string, string> code, params object?[] constants)
    {
        var (data, tensors) = (new ScriptPickle(), new ScriptPickle());
        var entries = new Dictionary<string, byte[]>
        {
            ["data.pkl"] = data.Write(module),
            ["constants.pkl"] = tensors.Write(constants),
            ["version"] = "3\n"u8.ToArray(),
        };
        foreach (var (path, text) in code)
            entries[$"code/{path}.py"] = Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n"));
        for (int i = 0; i < data.Storages.Count; i++)
            entries[$"data/{i}"] = data.Storages[i];
        for (int i = 0; i < tensors.Storages.Count; i++)
            entries[$"constants/{i}"] = tensors.Storages[i];
        return entries;
    }

    /// <summary>The file.</summary>
    public static byte[] Pack(IEnumerable<KeyValuePair<string, byte[]>> entries, string folder = "net/", CompressionLevel level = CompressionLevel.NoCompression)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                var entry = zip.CreateEntry(folder + name, level);
                // The same module is the same file, whenever it is written.
                entry.LastWriteTime = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
                using var part = entry.Open();
                part.Write(content);
            }
        }
        return stream.ToArray();
    }
}
