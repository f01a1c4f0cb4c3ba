namespace Microsoft.ML.Diffusion.Tests;

/// <summary>All that is saved under a path is saved in one way.</summary>
[TestClass]
public sealed class SavingTests : IDisposable
{
    private static readonly MLContext _ml = new(1);
    private static readonly DiffusionCatalog _d = _ml.Diffusion();
    private readonly TemporaryFolder _folder = new();

    public static IEnumerable<object[]> Files =>
    [
        ["generator", ".zip", (Action<string>)(path => _d.SaveGenerator(Model(), path))],
        ["generator with a schema", ".zip", (Action<string>)(path => _d.SaveGenerator(Model(), Point.Load(_ml, 1).Schema, path))],
        ["weights", ".safetensors", (Action<string>)(path => _d.SaveWeights(Model(), path))],
        ["sheet", ".png", (Action<string>)(path => _d.Images.SaveGrid([new float[4]], new DataShape(1, 2, 2), path))],
        ["plot of a plan", ".jpg", (Action<string>)(path => _d.Images.SavePlanPlot(KnownSolvers.Ddim.Plan(TimeGrid.FromRatios([3, 1, 0])), path))],
    ];

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void Save_MissingFolderAndLongestName_Works(string what, string extension, Action<string> save)
    {
        string folder = Path.Combine(_folder.Root, "not", "there"), path = Path.Combine(folder, new string('x', 255 - extension.Length) + extension);
        save(path);
        save(path);
        Assert.AreEqual(path, Assert.ContainsSingle(Directory.GetFileSystemEntries(folder)), what);
    }

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void Save_PathOfAFolder_IsRefusedAndNothingIsLeft(string what, string extension, Action<string> save)
    {
        Assert.Contains("ends in a slash", Assert.ThrowsExactly<ArgumentException>(() => save(Path.Combine(_folder.Root, "file" + extension) + "/"), what).Message);
        Directory.CreateDirectory(Path.Combine(_folder.Root, "folder" + extension));
        Assert.Contains("is a folder", Assert.ThrowsExactly<ArgumentException>(() => save(Path.Combine(_folder.Root, "folder" + extension)), what).Message);
        Assert.ContainsSingle(Directory.GetFileSystemEntries(_folder.Root));
    }

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void Save_BelowAFile_NamesThePathAndTheFile(string what, string extension, Action<string> save)
    {
        string file = _folder.File("a.txt"), path = Path.Combine(file, "x" + extension);
        File.WriteAllText(file, "");
        Assert.AreEqual($"'{path}' can not be written: '{file}' is a file, not a folder.", Assert.ThrowsExactly<IOException>(() => save(path), what).Message);
        if (OperatingSystem.IsLinux())
            Assert.AreEqual($"'/proc/x{extension}' can not be written: no new files can be made in its folder.", Assert.ThrowsExactly<IOException>(() => save("/proc/x" + extension), what).Message);
    }

    [TestMethod]
    public void SavePictures_MissingFolderWithASlash_Works()
    {
        var data = _ml.Data.LoadFromEnumerable([new Picture { Pixels = [0, 255] }]);
        string folder = Path.Combine(_folder.Root, "not", "there") + "/";
        string path = Assert.ContainsSingle(_d.Images.SavePictures(data, "Pixels", folder));
        Assert.IsTrue(File.Exists(path));
        Assert.ContainsSingle(Directory.GetFileSystemEntries(folder));
    }

    private static ITransformer Model() => TestPipelines.Conditional(_ml).Fit(Point.Load(_ml, 10));

    private sealed class Picture
    {
        [Data.VectorType(1, 1, 2)]
        public float[] Pixels { get; set; } = [];
    }
}
