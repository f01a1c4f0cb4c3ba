using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class SaveModelTests
{
    private readonly MLContext _ml = new(1);

    private DiffusionCatalog D => _ml.Diffusion();

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void SaveModel_StreamThatFailsAnywhere_ThrowsOrIsWhole(bool canSeek)
    {
        var (model, schema) = SmallModel();
        using var all = new LimitedStream(long.MaxValue, canSeek);
        D.SaveModel(model, schema, all);
        int length = all.Taken.Length;
        Assert.IsGreaterThan(51, length);
        for (int limit = 0; limit <= length; limit++)
        {
            using var stream = new LimitedStream(limit, canSeek);
            try
            {
                D.SaveModel(model, schema, stream);
            }
            catch (IOException)
            {
                continue;
            }
            // The directory's place follows from sizes, which do not change.
            Assert.HasCount(length, stream.Taken, $"limit {limit} of {length}");
            _ml.Model.Load(new MemoryStream(stream.Taken), out _);
        }
    }

    [TestMethod]
    public void SaveGenerator_StreamThatFailsAtTheEnd_Throws()
    {
        var data = Point.Load(_ml, 10);
        var model = TestPipelines.Conditional(_ml, new() { Steps = 2 }).Fit(data);
        using var owned = (IDisposable)model;
        using var all = new MemoryStream();
        D.SaveGenerator(model, data.Schema, all);
        _ml.Model.Load(new MemoryStream(all.ToArray()), out var schema);
        Assert.IsNull(schema.GetColumnOrNull("X"), "columns that samples do not depend on are left out");
        // Within the directory and its end, which are written when the archive is closed.
        foreach (int missing in new[] { 1, 21, 22, 23, 100, 400 })
        {
            using var stream = new LimitedStream(all.Length - missing, canSeek: true);
            Assert.Throws<IOException>(() => D.SaveGenerator(model, data.Schema, stream), $"{missing} bytes are missing");
        }
    }

    [TestMethod]
    public void SaveModel_FailureOfAnotherKind_IsAnIOException()
    {
        // As the runtime reports a file that grows beyond the limit of its system.
        var (model, schema) = SmallModel();
        using var stream = new LimitedStream(100, canSeek: true, () => new ArgumentOutOfRangeException("value", "Specified file length was too large for the file system."));
        Assert.Contains("file system", Assert.ThrowsExactly<IOException>(() => D.SaveModel(model, schema, stream)).Message);
    }

    [TestMethod]
    public void SaveModel_Path_IsAModelForMlNet_AndReplacesAnOlderOne()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        File.WriteAllText(path, "older");
        var (model, schema) = SmallModel();
        D.SaveModel(model, schema, path);
        var loaded = _ml.Model.Load(path, out var found);
        Assert.IsNotNull(found.GetColumnOrNull("Label"));
        Assert.IsNotNull(loaded.GetOutputSchema(found).GetColumnOrNull("Label"));
        Assert.AreEqual("model.zip", string.Join(' ', Directory.GetFileSystemEntries(folder.Root).Select(Path.GetFileName)), "nothing half-written is left");
        D.SaveModel(model, null, path);
        D.LoadModel(path, out var none);
        Assert.IsNull(none);
    }

    [TestMethod]
    public void SaveModel_PathThatCanNotBeWritten_LeavesTheOlderOne()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        File.WriteAllText(path, "older");
        // A transformer that fails while it is saved.
        Assert.Throws<Exception>(() => D.SaveModel(new Unsavable(), null, path));
        Assert.AreEqual("older", File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Root));
    }

    private (ITransformer Model, DataViewSchema Schema) SmallModel()
    {
        var data = Point.Load(_ml, 10);
        return (_ml.Transforms.CopyColumns("Other", "Label").Fit(data), data.Schema);
    }

    private sealed class Unsavable : ITransformer
    {
        public bool IsRowToRowMapper => false;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

        public IDataView Transform(IDataView input) => input;

        void ICanSaveModel.Save(ModelSaveContext ctx) => throw new InvalidOperationException("It can not be saved.");
    }
}
