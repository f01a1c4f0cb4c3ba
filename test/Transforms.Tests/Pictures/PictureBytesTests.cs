using Microsoft.ML.Data;
using SkiaSharp;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class PictureBytesTests
{
    private static readonly MLContext _ml = new(1);
    private static readonly DiffusionCatalog _d = _ml.Diffusion();
    private static readonly float[] _redAndGreen = [255, 0, 0, 255, 0, 0];
    private static readonly DataShape _shape = new(3, 1, 2);

    [TestMethod]
    public void ToPng_Array_HasEveryPixel()
    {
        byte[] png = _d.Images.ToPng(_redAndGreen, _shape, new() { Scale = 2 });
        using SKBitmap picture = SKBitmap.Decode(png);
        Assert.AreEqual((4, 2), (picture.Width, picture.Height));
        Assert.AreEqual(SKColors.Red, picture.GetPixel(1, 1));
        Assert.AreEqual(SKColors.Lime, picture.GetPixel(2, 0));
        Assert.AreSequenceEqual("PNG"u8.ToArray(), png[1..4]);
    }

    [TestMethod]
    public void ToPng_RangeOfValues_IsTheOptions()
    {
        using SKBitmap picture = SKBitmap.Decode(_d.Images.ToPng([-1, 0, 1], new DataShape(1, 1, 3), new() { Minimum = -1, Maximum = 1 }));
        Assert.AreEqual(SKColors.Black, picture.GetPixel(0, 0));
        Assert.AreEqual(new SKColor(128, 128, 128), picture.GetPixel(1, 0));
        Assert.AreEqual(SKColors.White, picture.GetPixel(2, 0));
    }

    [TestMethod]
    public void ToJpeg_Array_IsAJpegOfItsQuality()
    {
        float[] noise = [.. Enumerable.Range(0, 3 * 32 * 32).Select(i => (float)(i * 7919 % 256))];
        byte[] fine = _d.Images.ToJpeg(noise, new DataShape(3, 32, 32)), coarse = _d.Images.ToJpeg(noise, new DataShape(3, 32, 32), new() { Quality = 10 });
        Assert.AreSequenceEqual(new byte[] { 0xff, 0xd8, 0xff }, fine[..3]);
        Assert.IsLessThan(fine.Length, coarse.Length);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _d.Images.ToJpeg(noise, new DataShape(3, 32, 32), new() { Quality = 0 }));
    }

    [TestMethod]
    public void ToJpeg_Transparent_IsOnWhite()
    {
        using SKBitmap picture = SKBitmap.Decode(_d.Images.ToJpeg([255, 0, 0, 0], new DataShape(4, 1, 1), new() { Scale = 8 }));
        Assert.AreEqual(SKColors.White, picture.GetPixel(4, 4));
    }

    [TestMethod]
    public void ToPng_ColumnAndRow_EqualTheArrays()
    {
        IDataView data = _ml.Data.LoadFromEnumerable([new Row { Sample = _redAndGreen }, new Row { Sample = [0, 0, 0, 0, 255, 255] }]);
        byte[][] expected = [_d.Images.ToPng(_redAndGreen, _shape), _d.Images.ToPng([0, 0, 0, 0, 255, 255], _shape)];
        byte[][] all = [.. _d.Images.ToPng(data, "Sample")];
        Assert.HasCount(2, all);
        for (int i = 0; i < 2; i++)
            Assert.AreSequenceEqual(expected[i], all[i]);
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Sample"]]);
        for (int i = 0; cursor.MoveNext(); i++)
            Assert.AreSequenceEqual(expected[i], _d.Images.ToPng(cursor, "Sample"));
        Assert.AreSequenceEqual(_d.Images.ToJpeg(_redAndGreen, _shape), _d.Images.ToJpeg(data, "Sample").First());
        Assert.Contains("no column 'Other'", Assert.ThrowsExactly<ArgumentException>(() => _d.Images.ToPng(data, "Other")).Message);
    }

    [TestMethod]
    public void SaveGrid_Stream_GetsWhatAFileGets()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("grid.png");
        _d.Images.SaveGrid([_redAndGreen], _shape, path);
        using var stream = new MemoryStream();
        _d.Images.SaveGrid([_redAndGreen], _shape, stream);
        Assert.IsTrue(stream.CanWrite, "it stays open");
        Assert.AreSequenceEqual(File.ReadAllBytes(path), stream.ToArray());

        using var plan = new MemoryStream();
        _d.Images.SavePlanPlot(KnownSolvers.Ddim.Plan(TimeGrid.FromRatios([3, 1, 0])), plan);
        Assert.AreSequenceEqual("PNG"u8.ToArray(), plan.ToArray()[1..4]);
    }

    [TestMethod]
    public void SaveGrid_PathOfJpeg_IsAJpeg()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Root, "new", "grid.jpg");
        _d.Images.SaveGrid([_redAndGreen], _shape, path);
        Assert.AreSequenceEqual(new byte[] { 0xff, 0xd8, 0xff }, File.ReadAllBytes(path)[..3]);
        Assert.Contains("ends in a slash", Assert.ThrowsExactly<ArgumentException>(() => _d.Images.SaveGrid([_redAndGreen], _shape, path + "/")).Message);
        Assert.Contains(".png, .jpg or .jpeg", Assert.ThrowsExactly<ArgumentException>(() => _d.Images.SaveGrid([_redAndGreen], _shape, "grid.gif")).Message);
    }

    private sealed class Row
    {
        [VectorType(3, 1, 2)]
        public float[] Sample { get; set; } = [];
    }
}
