using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Changes model files as someone does who knows their format: the sums are made anew, so that only the meaning of the content is wrong.</summary>
internal static class SealedModel
{
    private const string Header = "Model.key";

    /// <summary>The paths of the configurations in a file.</summary>
    public static IReadOnlyList<string> Configurations(byte[] file)
    {
        using var zip = new ZipArchive(new MemoryStream(file));
        return [.. zip.Entries.Where(entry => entry.Name == "Config.json").Select(entry => entry.FullName)];
    }

    /// <summary>The content of an entry.</summary>
    public static byte[] Read(byte[] file, string path)
    {
        using var zip = new ZipArchive(new MemoryStream(file));
        return Read(zip.GetEntry(path)!);
    }

    /// <summary>The file with other content in a stream of a transformer, under a sum of its own.</summary>
    public static byte[] With(byte[] file, string path, byte[] content)
    {
        string folder = path[..(path.LastIndexOf('/') + 1)], name = path[folder.Length..];
        byte[] header = Read(file, folder + Header);
        return Replace(file, (path, content), (folder + Header, Resealed(header, list =>
        {
            int entry = list.AsSpan().IndexOf([(byte)name.Length, .. Encoding.UTF8.GetBytes(name)]) + 1 + name.Length;
            BinaryPrimitives.WriteInt64LittleEndian(list.AsSpan(entry), content.Length);
            SHA256.HashData(content, list.AsSpan(entry + sizeof(long)));
            return list;
        })));
    }

    /// <summary>The file with another list of streams in the folder of a configuration; as long as before.</summary>
    public static byte[] WithList(byte[] file, string path, Func<byte[], byte[]> change)
    {
        string header = path[..(path.LastIndexOf('/') + 1)] + Header;
        return Replace(file, (header, Resealed(Read(file, header), change)));
    }

    /// <summary>The file with other content in some entries.</summary>
    public static byte[] Replace(byte[] file, params (string Path, byte[] Content)[] entries)
    {
        using var stream = new MemoryStream();
        stream.Write(file);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
            foreach (var (path, content) in entries)
            {
                zip.GetEntry(path)?.Delete();
                using var target = zip.CreateEntry(path).Open();
                target.Write(content);
            }
        return stream.ToArray();
    }

    // ML.NET's header says where the model begins: there the library's list of streams, its length before it and its sum behind it.
    private static byte[] Resealed(byte[] header, Func<byte[], byte[]> change)
    {
        int at = (int)BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(0x10));
        int length = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(at));
        byte[] list = change(header[(at + sizeof(int))..(at + sizeof(int) + length)]);
        Assert.HasCount(length, list);
        byte[] changed = [.. header];
        list.CopyTo(changed, at + sizeof(int));
        SHA256.HashData(list, changed.AsSpan(at + sizeof(int) + length));
        return changed;
    }

    private static byte[] Read(ZipArchiveEntry entry)
    {
        using var source = entry.Open();
        using var copy = new MemoryStream();
        source.CopyTo(copy);
        return copy.ToArray();
    }
}
