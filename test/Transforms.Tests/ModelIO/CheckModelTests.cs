using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class CheckModelTests
{
    private readonly MLContext _ml = new(1);

    private DiffusionCatalog D => _ml.Diffusion();

    [TestMethod]
    public void CheckModel_Pipeline_SaysWhatItHolds()
    {
        byte[] file = Save();
        using var stream = new MemoryStream(file);
        var content = D.CheckModel(stream);
        Assert.AreEqual(0, stream.Position);
        using var zip = new ZipArchive(new MemoryStream(file));
        Assert.AreEqual(zip.Entries.Count, content.Entries);
        Assert.AreEqual(zip.Entries.Sum(entry => entry.Length), content.Bytes);
        Assert.AreSequenceEqual(new[] { "TermTransform", "TransformerChain", "DiffusionDenoiser", "DiffusionGuidance", "DiffusionNoiseSchedule", "DiffusionSampler" }.Order(),
            content.Loaders.Where(loader => loader.StartsWith("Diffusion", StringComparison.Ordinal) || loader is "TermTransform" or "TransformerChain").Order());
    }

    [TestMethod]
    public void LoadModel_Pipeline_IsThatOfMlNet()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("model.zip"), Save());
        using var expected = (IDisposable)_ml.Model.Load(folder.File("model.zip"), out var schema);
        using var model = (IDisposable)D.LoadModel(folder.File("model.zip"), out var found);
        Assert.AreSequenceEqual(schema.Select(column => $"{column}"), found!.Select(column => $"{column}"));
        Assert.AreSequenceEqual(Samples((ITransformer)expected).SelectMany(row => row), Samples((ITransformer)model).SelectMany(row => row));
    }

    [TestMethod]
    public void CheckModel_EveryTransformerOfMlNetThatDataIsPreparedWith_IsAccepted()
    {
        var data = Point.Load(_ml, 10);
        var model = _ml.Transforms.Conversion.MapValueToKey("Key", "Label").Append(_ml.Transforms.Conversion.MapKeyToValue("Value", "Key")).Append(_ml.Transforms.NormalizeMeanVariance("Normal", "X"))
            .Append(_ml.Transforms.Concatenate("All", "X", "Strength")).Append(_ml.Transforms.Categorical.OneHotEncoding("Hot", "Label")).Append(_ml.Transforms.Text.FeaturizeText("Text", "Label"))
            .Append(_ml.Transforms.SelectColumns("All", "Hot", "Text")).Fit(data);
        using var stream = new MemoryStream();
        D.SaveModel(model, data.Schema, stream);
        stream.Position = 0;
        Assert.IsGreaterThan(4, D.CheckModel(stream).Loaders.Count);
    }

    [TestMethod]
    public void CheckModel_BombThatInflates_IsRefusedAtLittleCost()
    {
        // 200 MB of zeros in 200 KB, under the name of a configuration.
        byte[] file = Edit(Save(), zip =>
        {
            using var entry = zip.CreateEntry("TransformerChain/Transform_000/Bomb.json").Open();
            byte[] piece = new byte[1 << 20];
            for (int i = 0; i < 200; i++)
                entry.Write(piece);
        });
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("ratio of 100", Refusal(file));
        Assert.IsLessThan(4_000_000, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Contains("more than 1000000 bytes", Refusal(file, new() { Bytes = 1_000_000 }));
        D.CheckModel(new MemoryStream(file), new() { Ratio = 2000 });
    }

    [TestMethod]
    public void Open_EntryThatInflatesBeyondItsSize_EndsThere()
    {
        // On this the check relies: the runtime never unpacks more of an entry than the directory says.
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry("zeros").Open();
            entry.Write(new byte[1 << 24]);
        }
        byte[] file = stream.ToArray();
        // The size unpacked is at byte 24 of an entry of the directory.
        int directory = file.AsSpan().LastIndexOf("PK\x01\x02"u8);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(directory + 24), 1000);
        using var changed = new ZipArchive(new MemoryStream(file));
        using var content = changed.Entries[0].Open();
        long length = 0;
        byte[] piece = new byte[1 << 16];
        try
        {
            for (int count; (count = content.Read(piece)) > 0;)
                length += count;
        }
        catch (InvalidDataException)
        {
            // Or refused.
        }
        Assert.IsLessThanOrEqualTo(1000, length);
    }

    [TestMethod]
    public void CheckModel_ManyEntries_IsRefusedBeforeTheyAreRead()
    {
        byte[] file = Edit(Save(), zip =>
        {
            for (int i = 0; i < 5000; i++)
                zip.CreateEntry($"TransformerChain/{i}");
        });
        Assert.Contains("at most 4096", Refusal(file));
        D.CheckModel(new MemoryStream(file), new() { Entries = 6000 });
    }

    [TestMethod]
    [DataRow("TransformerChain/Model.key", "two entries")]
    [DataRow("TRANSFORMERCHAIN/model.KEY", "two entries")]
    [DataRow("TransformerChain\\Model.key", "two entries")]
    [DataRow("../outside", "no relative path")]
    [DataRow("a/../../outside", "no relative path")]
    [DataRow("/etc/outside", "no relative path")]
    [DataRow("C:/outside", "no relative path")]
    public void CheckModel_NameOfAnEntry_IsRefused(string name, string words)
        => Assert.Contains(words, Refusal(Edit(Save(), zip => zip.CreateEntry(name))));

    [TestMethod]
    public void CheckModel_LoaderOrAssemblyThatIsNotAccepted_IsNamed()
    {
        byte[] file = Save(), other = Save(_ml.Transforms.IndicateMissingValues("Missing", "X"));
        var limits = new ModelFileLimits { Assemblies = [.. ModelFileLimits.DefaultAssemblies.Where(name => name != "Microsoft.ML.Transforms")] };
        D.CheckModel(new MemoryStream(file), limits);
        Assert.Contains("Microsoft.ML.Transforms", Refusal(other, limits));
        string loader = D.CheckModel(new MemoryStream(other)).Loaders.Single(name => name != "TransformerChain");
        string part = Parts(file).First(part => part.Contains("Transform_", StringComparison.Ordinal));
        // The first name, and a second one, which ML.NET tries after it.
        foreach (int place in new[] { 0x50, 0x68 })
            Assert.Contains($"'{loader}'", Refusal(Changed(file, part, header => Write(header, place, loader, 24)), limits));
        byte[] assembly = Changed(file, part, header =>
        {
            int at = (int)BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(0x90));
            Encoding.Unicode.GetBytes("System.Windows").CopyTo(header, at);
        });
        Assert.Contains("asks for the assembly 'System.Windows", Refusal(assembly));
    }

    [TestMethod]
    public void CheckModel_AnyCutOrFlip_IsRefusedOrAccepted()
    {
        byte[] file = Save();
        for (int length = 0; length < file.Length; length += Math.Max(1, file.Length / 100))
            Refusal(file[..length]);
        int directory = file.AsSpan().IndexOf("PK\x01\x02"u8);
        for (int at = directory; at < file.Length; at += 3)
        {
            byte[] changed = [.. file];
            changed[at] ^= 0xFF;
            try
            {
                D.CheckModel(new MemoryStream(changed));
            }
            catch (FormatException)
            {
                // As documented.
            }
        }
    }

    [TestMethod]
    public void CheckModel_IllegalArguments_AreRefused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ModelFileLimits { Entries = 0 });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ModelFileLimits { Entries = 65535 });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ModelFileLimits { Bytes = 0 });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ModelFileLimits { Ratio = double.NaN });
        Assert.ThrowsExactly<ArgumentException>(() => new ModelFileLimits { Assemblies = [" "] });
        Assert.Throws<IOException>(() => D.CheckModel(Path.Combine(Path.GetTempPath(), "no-such-model.zip")));
    }

    private byte[] Save() => Save(TestPipelines.Conditional(_ml, new() { Steps = 2 }));

    private byte[] Save(IEstimator<ITransformer> pipeline)
    {
        var model = pipeline.Fit(Point.Load(_ml, 10));
        using var owned = model as IDisposable;
        using var stream = new MemoryStream();
        D.SaveModel(model, Point.Load(_ml, 1).Schema, stream);
        return stream.ToArray();
    }

    private string Refusal(byte[] file, ModelFileLimits? limits = null) => Assert.ThrowsExactly<FormatException>(() => D.CheckModel(new MemoryStream(file), limits)).Message;

    private float[][] Samples(ITransformer model) => TestSupport.ViewChecks.Vectors(model.Transform(Point.Load(_ml, 2)), "Sample");

    private static string[] Parts(byte[] file)
    {
        using var zip = new ZipArchive(new MemoryStream(file));
        return [.. zip.Entries.Where(entry => entry.Name == "Model.key").Select(entry => entry.FullName)];
    }

    private static byte[] Changed(byte[] file, string path, Action<byte[]> change)
    {
        byte[] header = SealedModel.Read(file, path);
        change(header);
        return SealedModel.Replace(file, (path, header));
    }

    private static void Write(byte[] header, int place, string text, int length)
    {
        header.AsSpan(place, length).Clear();
        Encoding.Latin1.GetBytes(text).CopyTo(header, place);
    }

    private static byte[] Edit(byte[] file, Action<ZipArchive> change)
    {
        using var stream = new MemoryStream();
        stream.Write(file);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
            change(zip);
        return stream.ToArray();
    }
}
