namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Files that are no model, or one no longer, are refused in one kind of exception that names the file.</summary>
[TestClass]
public sealed class DamagedModelTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void LoadModel_AnyByteChangedAndAnyCut_NamesTheFileOrIsAModel()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        byte[] file = Save(path);
        int refused = 0, places = 0;
        for (int at = 0; at < file.Length; at += file.Length / 50, places++)
        {
            byte[] changed = [.. file];
            changed[at] ^= 0x15;
            refused += Load(path, changed) ? 0 : 1;
            Assert.IsFalse(Load(path, file[..at]), $"{at} of {file.Length} bytes were taken for a model");
        }
        Assert.IsGreaterThan(places / 3, refused);
        Assert.IsTrue(Load(path, file));
    }

    [TestMethod]
    public void CheckModel_GarbageInAFile_NamesTheFile()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("garbage.zip");
        File.WriteAllBytes(path, new byte[1000]);
        Assert.Contains($"'{path}'", Assert.ThrowsExactly<FormatException>(() => _ml.Diffusion().CheckModel(path)).Message);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(5000)]
    public async Task Reload_Garbage_NamesTheFileAndTheOldModelServesOn(int length)
    {
        using var folder = new TemporaryFolder();
        string good = folder.File("good.zip"), bad = folder.File("bad.zip");
        byte[] file = Save(good);
        await using var pool = _ml.Diffusion().Generators.Pool<ServedRow, ServedSample>(good);
        var before = await pool.GenerateAsync(new ServedRow());
        byte[] half = file[..(file.Length / 2)];
        foreach (byte[] content in new[] { new byte[length], half, [.. half, .. new byte[file.Length - half.Length]] })
        {
            File.WriteAllBytes(bad, content);
            string message = Assert.ThrowsExactly<FormatException>(() => pool.Reload(bad)).Message;
            Assert.StartsWith($"The model file '{bad}' can not be loaded: ", message);
            Assert.ThrowsExactly<FormatException>(() => _ml.Diffusion().Generators.Pool<ServedRow, ServedSample>(bad));
        }
        Assert.Contains("none.zip", Assert.ThrowsExactly<FileNotFoundException>(() => pool.Reload(folder.File("none.zip"))).Message);
        Assert.AreSequenceEqual(before.Sample, (await pool.GenerateAsync(new ServedRow())).Sample);
    }

    [TestMethod]
    public void LoadWeights_AnyByteOfTheHeaderChangedAndAnyCut_NamesTheFileOrFits()
    {
        using var folder = new TemporaryFolder();
        using var model = (IDisposable)TestPipelines.Conditional(_ml, new() { Steps = 2 }).Fit(Point.Load(_ml, 10));
        string path = folder.File("weights.safetensors");
        _ml.Diffusion().SaveWeights((ITransformer)model, path);
        byte[] file = File.ReadAllBytes(path);
        for (int at = 0; at < file.Length; at += at < 1200 ? 31 : file.Length / 20)
        {
            byte[] changed = [.. file];
            changed[at] ^= 0x15;
            Read(changed);
            Read(file[..at]);
        }

        void Read(byte[] content)
        {
            File.WriteAllBytes(path, content);
            string? refusal = null;
            try
            {
                (_ml.Diffusion().LoadWeights((ITransformer)model, path) as IDisposable)?.Dispose();
            }
            catch (InvalidDataException exception)
            {
                refusal = exception.Message;
            }
            if (refusal is not null)
                Assert.StartsWith($"'{path}': ", refusal);
        }
    }

    private byte[] Save(string path)
    {
        using var model = (IDisposable)TestPipelines.Conditional(_ml, new() { Steps = 2 }).Fit(Point.Load(_ml, 10));
        _ml.Diffusion().SaveGenerator((ITransformer)model, Point.Load(_ml, 1).Schema, path);
        return File.ReadAllBytes(path);
    }

    // False where it is refused as documented; every other exception fails the test.
    private bool Load(string path, byte[] content)
    {
        File.WriteAllBytes(path, content);
        string refusal;
        try
        {
            (_ml.Diffusion().LoadModel(path, out _) as IDisposable)?.Dispose();
            return true;
        }
        catch (FormatException exception)
        {
            refusal = exception.Message;
        }
        Assert.Contains($"'{path}'", refusal);
        return false;
    }
}
