using System.IO.Compression;
using System.Text;
using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Damaged, foreign and newer model files: each must fail to load, and say why.</summary>
[TestClass]
public sealed class ModelFileTests
{
    private const string Weights = "Weights.safetensors";
    private const string Config = "Config.json";

    private readonly MLContext _ml = new(1);

    [TestMethod]
    [DataRow(0.2)]
    [DataRow(0.6)]
    [DataRow(0.99)]
    public void Load_TruncatedFile_Fails(double share)
    {
        byte[] file = Save();
        Assert.Contains("zip archive", Fail(file[..(int)(file.Length * share)]));
    }

    [TestMethod]
    [DataRow(Weights)]
    [DataRow(Config)]
    public void Load_AnyByteOfAStreamFlipped_NamesTheStream(string stream)
    {
        byte[] file = Save();
        int length = Entry(file, stream).Length;
        for (int at = 0; at < length; at += Math.Max(1, length / 40))
        {
            int position = at;
            string message = Fail(Edit(file, stream, bytes =>
            {
                bytes[position] ^= 0x10;
                return bytes;
            }));
            Assert.Contains("damaged", message);
            Assert.Contains(stream, message);
        }
    }

    [TestMethod]
    public void Load_AnyByteOfTheFileFlipped_FailsOrIsUnchanged()
    {
        // Not every byte of a zip counts (times, for example); but no flipped byte may change what is sampled. Left out: ML.NET's own records of chains,
        // whose flags say which steps belong to training alone, and which neither ML.NET nor the zip reader checks.
        byte[] file = Save();
        string expected = Samples(_ml.Model.Load(new MemoryStream(file), out _));
        int failures = 0;
        var chains = ChainRecords(file);
        for (int at = 0; at < file.Length; at += 37)
        {
            if (chains.Any(record => record.Start <= at && at < record.End))
                continue;
            byte[] changed = (byte[])file.Clone();
            changed[at] ^= 0x04;
            ITransformer model;
            try
            {
                model = new MLContext().Model.Load(new MemoryStream(changed), out _);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                failures++;
                continue;
            }
            Assert.AreEqual(expected, Samples(model), $"byte {at} of {file.Length}");
        }
        Assert.IsGreaterThan(0, failures);
    }

    // Where the zip keeps the records of chains: from their local headers (PK 3 4, the name at byte 30) to the next.
    private static List<(int Start, int End)> ChainRecords(byte[] file)
    {
        ReadOnlySpan<byte> header = [(byte)'P', (byte)'K', 3, 4];
        List<(int, int)> records = [];
        for (int start = 0, next; (next = file.AsSpan(start + 1).IndexOf(header)) >= 0; start += 1 + next)
        {
            string name = System.Text.Encoding.UTF8.GetString(file, start + 30, file[start + 26]);
            if (name is "TransformerChain/Model.key" or "TransformerChain/Transform_000/Model.key")
                records.Add((start, start + 1 + next));
        }
        Assert.HasCount(2, records);
        return records;
    }

    [TestMethod]
    [DataRow(Weights)]
    [DataRow(Config)]
    public void Load_StreamMissing_SaysSo(string stream)
    {
        string message = Fail(Edit(Save(), stream, _ => null));
        Assert.Contains($"stream '{stream}' is missing", message);
    }

    [TestMethod]
    public void Load_ShorterWeights_SaysSo()
        => Assert.Contains("bytes instead of", Fail(Edit(Save(), Weights, bytes => bytes[..^4])));

    [TestMethod]
    public void Load_NewerVersion_SaysSo()
    {
        // In the header of ML.NET's model streams the versions (written, readable) follow the signature of the model.
        string message = Fail(Edit(Save(), "Model.key", bytes =>
        {
            int at = bytes.AsSpan().IndexOf("DIFDENOI"u8) + 8;
            for (int version = at; version < at + 8; version += 4)
                BitConverter.GetBytes(0x00020001).CopyTo(bytes, version);
            return bytes;
        }));
        Assert.Contains("written by a newer version of Microsoft.ML.Diffusion", message);
    }

    [TestMethod]
    public void Save_File_HoldsNoTypeNames()
    {
        using var zip = new ZipArchive(new MemoryStream(Save()));
        foreach (var entry in zip.Entries.Where(entry => entry.Name is Config or Weights))
        {
            string text = Encoding.UTF8.GetString(Read(entry));
            Assert.DoesNotContain("Microsoft.ML", text);
            Assert.DoesNotContain("System.", text);
        }
    }

    private byte[] Save()
    {
        using var model = (IDisposable)TestPipelines.Conditional(_ml, new() { Steps = 2 }).Fit(Point.Load(_ml, 10));
        using var stream = new MemoryStream();
        _ml.Model.Save((ITransformer)model, Point.Load(_ml, 1).Schema, stream);
        return stream.ToArray();
    }

    private string Samples(ITransformer model)
    {
        using var owned = (IDisposable)model;
        return string.Join('\n', ViewChecks.Rows(model.Transform(Point.Load(_ml, 2)), _ => true, out _));
    }

    private static string Fail(byte[] file)
    {
        var messages = new StringBuilder();
        try
        {
            new MLContext().Model.Load(new MemoryStream(file), out _);
        }
        catch (Exception e)
        {
            for (var at = e; at is not null; at = at.InnerException)
                messages.AppendLine(at.Message);
            return messages.ToString();
        }
        Assert.Fail("The file was loaded.");
        return "";
    }

    /// <summary>The file with one entry of a denoiser changed, or left out.</summary>
    private static byte[] Edit(byte[] file, string name, Func<byte[], byte[]?> change)
    {
        using var stream = new MemoryStream();
        stream.Write(file);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            var entry = Find(zip, name);
            byte[]? changed = change(Read(entry));
            string path = entry.FullName;
            entry.Delete();
            if (changed is not null)
            {
                using var target = zip.CreateEntry(path).Open();
                target.Write(changed);
            }
        }
        return stream.ToArray();
    }

    private static byte[] Entry(byte[] file, string name)
    {
        using var zip = new ZipArchive(new MemoryStream(file));
        return Read(Find(zip, name));
    }

    // The denoiser's folder is the one with the weights.
    private static ZipArchiveEntry Find(ZipArchive zip, string name)
    {
        var weights = zip.Entries.Single(entry => entry.Name == Weights);
        string folder = weights.FullName[..^Weights.Length];
        return zip.GetEntry(folder + name)!;
    }

    private static byte[] Read(ZipArchiveEntry entry)
    {
        using var source = entry.Open();
        using var copy = new MemoryStream();
        source.CopyTo(copy);
        return copy.ToArray();
    }
}
