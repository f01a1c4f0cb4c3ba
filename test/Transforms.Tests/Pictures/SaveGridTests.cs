using Microsoft.ML.Diffusion.Transforms;
using SkiaSharp;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class SaveGridTests
{
    private static readonly DiffusionCatalog _d = new MLContext(1).Diffusion();

    [TestMethod]
    public void SaveGrid_Arrays_PutsEveryPixelInItsPlace()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("new", "grid.png");
        // Two pictures of 2 × 1 pixels: red and green, blue and white.
        _d.Images.SaveGrid([[255, 0, 0, 255, 0, 0], [0, 255, 0, 255, 255, 255]], new DataShape(3, 1, 2), path, new() { Columns = 2, Scale = 3, Spacing = 6 });

        using SKBitmap grid = SKBitmap.Decode(path);
        Assert.AreEqual(20 + 6 + 6 + 6 + 20, grid.Width);
        Assert.AreEqual(20 + 3 + 20, grid.Height);
        Assert.AreEqual(SKColors.White, grid.GetPixel(5, 5));
        foreach ((int x, SKColor color) in new[] { (20, SKColors.Red), (22, SKColors.Red), (23, SKColors.Lime), (25, SKColors.Lime), (32, SKColors.Blue), (35, SKColors.White) })
            for (int y = 20; y < 23; y++)
                Assert.AreEqual(color, grid.GetPixel(x, y), $"at {x}, {y}: enlarged pixels are crisp");
    }

    [TestMethod]
    public void SaveGrid_Labels_MakesALineForEach()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("images"), IdxBytes.Make(8, [5, 4, 4], new byte[80]));
        File.WriteAllBytes(folder.File("labels"), IdxBytes.Labels(1, 0, 1, 1, 0));
        IDataView data = _d.Data.LoadIdx(folder.File("images"), folder.File("labels"), ["bag", "dress"]);
        string path = folder.File("grid.png");

        _d.Images.SaveGrid(data, "Pixels", path, new() { LabelColumn = "Label", Scale = 10 });

        using SKBitmap grid = SKBitmap.Decode(path);
        Assert.AreEqual(20 + 2 * 46 - 6 + 20, grid.Height);
        int left = grid.Width - 20 - (3 * 46 - 6);
        Assert.IsGreaterThan(20 + 30, left, "room for 'dress'");
        Assert.AreEqual(SKColors.Black, grid.GetPixel(left + 2 * 46 + 5, 25), "the third dress");
        Assert.AreEqual(SKColors.White, grid.GetPixel(left + 2 * 46 + 5, 75), "there is no third bag");
        Assert.IsGreaterThan(60, Dark(grid, new SKRectI(20, 20, left - 10, 60)), "'dress' is written");
        Assert.IsGreaterThan(30, Dark(grid, new SKRectI(20, 66, left - 10, 106)), "'bag' is written");
    }

    [TestMethod]
    public void SaveGrid_Titles_AreDrawnWithoutFontsOfTheSystem()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("grid.png");
        _d.Images.SaveGrid([new float[16], new float[16]], new DataShape(1, 4, 4), path, new()
        {
            Title = "α β ε σ λ × − …",
            ColumnTitles = ["σ = 1", "σ = 2"],
        });
        using SKBitmap grid = SKBitmap.Decode(path);
        Assert.IsGreaterThan(200, Dark(grid, new SKRectI(20, 20, grid.Width - 20, 44)), "the title");
        Assert.IsGreaterThan(25, Dark(grid, new SKRectI(20, 60, 90, 80)), "the title of the first column");
    }

    [TestMethod]
    public void EmbeddedFonts_HaveTheCharactersOfLabels()
    {
        using SKPaint label = PlotStyle.LabelText(), title = PlotStyle.TitleText();
        const string needed = "AZaz09äéñß αβεσλ ×−…–—'\"°±²≤≥₀₁";
        Assert.IsTrue(label.ContainsGlyphs(needed));
        Assert.IsTrue(title.ContainsGlyphs(needed));
    }

    [TestMethod]
    public void SaveGrid_FourChannels_ShowsAlphaOnWhite()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("grid.png");
        _d.Images.SaveGrid([[255, 0, 0, 0]], new DataShape(4, 1, 1), path, new() { Scale = 8 });
        using SKBitmap grid = SKBitmap.Decode(path);
        Assert.AreEqual(SKColors.White, grid.GetPixel(24, 24));
    }

    [TestMethod]
    public void SaveGrid_Range_IsMapped()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("grid.png");
        _d.Images.SaveGrid([[-1], [0], [1], [7], [-9]], new DataShape(1, 1, 1), path, new() { Scale = 10, Columns = 5, Minimum = -1, Maximum = 1 });
        using SKBitmap grid = SKBitmap.Decode(path);
        byte[] values = [.. Enumerable.Range(0, 5).Select(i => grid.GetPixel(25 + 16 * i, 25).Red)];
        Assert.AreSequenceEqual(new byte[] { 0, 128, 255, 255, 0 }, values);
    }

    [TestMethod]
    public void SaveGrid_WrongArguments_SayWhat()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("grid.png");
        var shape = new DataShape(1, 2, 2);
        Assert.Contains(".png", Fails(() => _d.Images.SaveGrid([new float[4]], shape, folder.File("grid.gif"))));
        Assert.Contains("no picture", Fails(() => _d.Images.SaveGrid([], shape, path)));
        Assert.Contains("4 values, got 3", Fails(() => _d.Images.SaveGrid([new float[3]], shape, path)));
        Assert.Contains("[2]", Fails(() => _d.Images.SaveGrid([new float[2]], new DataShape(2), path)));
        IDataView vectors = new MLContext(1).Data.LoadFromEnumerable([new { Name = "x", Value = 1f }]);
        Assert.Contains("'Name', 'Value'", Fails(() => _d.Images.SaveGrid(vectors, "Pixels", path)));
        Assert.Contains("(Vector<Single, 4>) does not say to hold pictures. Where its numbers are the values of pictures, set the option ImageShape to their channels, height and width; rows of a table can not be drawn.", Fails(() => _d.Images.SaveGrid(Point.Load(new MLContext(1), 2), "X", path)));
        Assert.Contains("got String", Fails(() => _d.Images.SaveGrid(vectors, "Name", path)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _d.Images.SaveGrid([new float[4]], shape, path, new() { Scale = 65 }));
        Assert.IsEmpty(Directory.GetFiles(folder.Root), "nothing half-done is left behind");
    }

    [TestMethod]
    public void SavePictures_Labels_AreSanitisedAndCounted()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("images"), IdxBytes.Make(8, [3, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));
        File.WriteAllBytes(folder.File("labels"), IdxBytes.Labels(0, 1, 0));
        IDataView data = _d.Data.LoadIdx(folder.File("images"), folder.File("labels"), ["T-shirt/top", ".."]);
        IReadOnlyList<string> paths = _d.Images.SavePictures(data, "Pixels", folder.File("out", "x")[..^2], new() { LabelColumn = "Label" });
        Assert.AreSequenceEqual(new[] { "T-shirt_top_0.png", "sample_0.png", "T-shirt_top_1.png" }, paths.Select(Path.GetFileName).ToArray());
        using SKBitmap last = SKBitmap.Decode(paths[2]);
        Assert.AreEqual((2, 2, 12), (last.Width, last.Height, last.GetPixel(1, 1).Green));
    }

    private static string Fails(Action action) => Assert.ThrowsExactly<ArgumentException>(action).Message;

    private static int Dark(SKBitmap bitmap, SKRectI area)
    {
        int count = 0;
        for (int y = area.Top; y < area.Bottom; y++)
            for (int x = area.Left; x < area.Right; x++)
                count += bitmap.GetPixel(x, y).Green < 160 ? 1 : 0;
        return count;
    }
}
