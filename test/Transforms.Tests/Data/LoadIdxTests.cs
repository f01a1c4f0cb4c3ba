using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class LoadIdxTests
{
    private static readonly MLContext _ml = new(1);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void LoadIdx_Folder_GivesShapePixelsAndLabels(bool zipped)
    {
        using var folder = new TemporaryFolder();
        Write(folder, "train-images-idx3-ubyte", IdxBytes.Pictures(3, 4, 5), zipped);
        Write(folder, "train-labels-idx1-ubyte", IdxBytes.Labels(2, 0, 9), zipped);

        IDataView data = _ml.Diffusion().Data.LoadIdx(folder.Root);

        Assert.AreEqual(3, data.GetRowCount());
        Assert.AreSequenceEqual(new[] { 1, 4, 5 }, PictureRows.Dimensions(data));
        Assert.AreSequenceEqual(new[] { "2", "0", "9" }, PictureRows.Labels(data));
        float[][] pixels = PictureRows.Pixels(data);
        Assert.AreSequenceEqual(Enumerable.Range(20, 20).Select(i => (float)i).ToArray(), pixels[1]);
    }

    [TestMethod]
    public void LoadIdx_TestSplitAndNames_ReadsTheOtherFiles()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "t10k-images.idx3-ubyte", IdxBytes.Pictures(2, 2, 2));
        Write(folder, "t10k-labels.idx1-ubyte", IdxBytes.Labels(1, 0));
        IDataView data = _ml.Diffusion().Data.LoadIdx(folder.Root, IdxSplit.Test, ["shirt", "boot"]);
        Assert.AreSequenceEqual(new[] { "boot", "shirt" }, PictureRows.Labels(data));
    }

    [TestMethod]
    public void LoadIdx_Folder_WithoutFiles_NamesWhatItLookedFor()
    {
        using var folder = new TemporaryFolder();
        string message = Assert.ThrowsExactly<FileNotFoundException>(() => _ml.Diffusion().Data.LoadIdx(folder.Root)).Message;
        Assert.Contains(folder.Root, message);
        Assert.Contains("train-images-idx3-ubyte.gz", message);
    }

    [TestMethod]
    public void LoadIdx_DamagedFiles_AreNamedWithGotAndExpected()
    {
        byte[] good = IdxBytes.Pictures(3, 4, 4), labels = IdxBytes.Labels(0, 1, 2);
        Fails("expected it to begin with 00 00 08 03, got 00 00 08 01", labels, labels);
        Fails("expected it to begin with 00 00 08 03, got 00 00 0d 03", IdxBytes.Make(0x0d, [3, 4, 4], new byte[48]), labels);
        Fails("got nothing", [], labels);
        Fails("ends inside its header: got 10 bytes, expected 16", good[..10], labels);
        Fails("has 60 bytes, expected 64", good[..60], labels);
        Fails("has 65 bytes, expected 64", [.. good, 1], labels);
        Fails("has 3 pictures, but", good, IdxBytes.Labels(0, 1));
        Fails("size 1 of its header is 0", IdxBytes.Make(8, [0, 4, 4], []), labels);
    }

    [TestMethod]
    public void LoadIdx_DamagedGzip_IsNamed()
    {
        byte[] labels = IdxBytes.Labels(0, 1, 2), zipped = IdxBytes.Zip(IdxBytes.Pictures(3, 20, 20));
        Fails("images.idx", zipped[..(zipped.Length / 2)], labels);
        Fails("truncated: it ends in item 2", IdxBytes.Zip(IdxBytes.Pictures(3, 20, 20)[..1000]), labels);
        Fails("goes on after the 3 items", IdxBytes.Zip([.. IdxBytes.Pictures(3, 20, 20), 0]), labels);
    }

    [TestMethod]
    public void LoadIdx_HostileSizes_AreRefusedWithoutTheMemoryTheyClaim()
    {
        byte[] labels = IdxBytes.Labels(0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Fails("size 1 of its header is 4294967295", IdxBytes.Make(8, [uint.MaxValue, 28, 28], []), labels);
        Fails("size 2 of its header is 2147483648", IdxBytes.Make(8, [1, 1u << 31, 1], []), labels);
        Fails("expected 576460752034988048", IdxBytes.Make(8, [int.MaxValue, 1 << 14, 1 << 14], new byte[8]), labels);
        Fails("can not hold the sizes", IdxBytes.Zip(IdxBytes.Make(8, [int.MaxValue, 28, 28], new byte[8])), labels);
        Assert.IsLessThan(16L << 20, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    [TestCategory("RealData")]
    public void LoadIdx_FashionMnist_IsWhole()
    {
        string folder = SharedFolder.Find("data/fashion-mnist");
        IDataView data = _ml.Diffusion().Data.LoadIdx(folder, IdxSplit.Test);
        Assert.AreEqual(10_000, data.GetRowCount());
        Assert.AreSequenceEqual(new[] { 1, 28, 28 }, PictureRows.Dimensions(data));
        Assert.IsTrue(PictureRows.Labels(data).CountBy(label => label).All(count => count.Value == 1000));
    }

    private static void Fails(string expected, byte[] images, byte[] labels)
    {
        using var folder = new TemporaryFolder();
        string imagesFile = folder.File("images.idx"), labelsFile = folder.File("labels.idx");
        File.WriteAllBytes(imagesFile, images);
        File.WriteAllBytes(labelsFile, labels);
        string message = Assert.ThrowsExactly<InvalidDataException>(() => _ml.Diffusion().Data.LoadIdx(imagesFile, labelsFile)).Message;
        Assert.Contains(imagesFile, message);
        Assert.Contains(expected, message);
    }

    private static void Write(TemporaryFolder folder, string name, byte[] data, bool zipped = false) =>
        File.WriteAllBytes(folder.File(zipped ? name + ".gz" : name), zipped ? IdxBytes.Zip(data) : data);
}
