using Microsoft.ML.Diffusion.Transforms;
using SkiaSharp;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class SaveLossPlotTests
{
    private static readonly DiffusionCatalog _d = new MLContext(1).Diffusion();

    [TestMethod]
    public void SaveLossPlot_FallingLoss_FallsFromLeftToRight()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("loss.png");
        LossPoint[] training = [.. Enumerable.Range(0, 1000).Select(i => new LossPoint(i, Math.Exp(-i / 300.0)))];
        _d.Images.SaveLossPlot(training, path, [new(500, 0.2), new(900, double.NaN)], new() { Title = null, Width = 600, Height = 300 });

        using SKBitmap plot = SKBitmap.Decode(path);
        Assert.AreEqual((600, 300), (plot.Width, plot.Height));
        int early = LineAt(plot, 120), late = LineAt(plot, 540);
        Assert.IsGreaterThan(early + 100, late, $"a fall on the sheet, from {early} to {late}");
        // A loss that falls exponentially is straight on a logarithmic axis.
        Assert.AreEqual((early + late) / 2.0, LineAt(plot, 330), 4, "a straight line, but for the moving average's lag");
    }

    [TestMethod]
    public void SaveLossPlot_NegativeOrSingleOrConstantLosses_AreDrawn()
    {
        using var folder = new TemporaryFolder();
        foreach (LossPoint[] losses in new LossPoint[][] { [new(0, -1), new(5, 2)], [new(7, 3)], [new(0, 1), new(1, 1)] })
        {
            string path = folder.File($"{losses.Length}.png");
            _d.Images.SaveLossPlot(losses, path);
            Assert.IsTrue(File.Exists(path));
        }
        Assert.ThrowsExactly<ArgumentException>(() => _d.Images.SaveLossPlot([new(0, double.NaN)], folder.File("no.png")));
    }

    [TestMethod]
    public void Ticks_AreRoundAndInside()
    {
        Assert.AreSequenceEqual(new[] { 0.0, 200, 400, 600, 800 }, new PlotAxis(0, 930, logarithmic: false).Ticks(5).ToArray());
        Assert.AreSequenceEqual(new[] { 0.01, 0.1, 1.0 }, new PlotAxis(0.005, 3, logarithmic: true).Ticks(5).Select(tick => Math.Round(tick, 12)).ToArray());
        Assert.AreSequenceEqual(new[] { 0.1, 0.2, 0.5 }, new PlotAxis(0.09, 0.7, logarithmic: true).Ticks(5).Select(tick => Math.Round(tick, 12)).ToArray());
        Assert.IsGreaterThanOrEqualTo(2, new PlotAxis(0.41, 0.43, logarithmic: true).Ticks(5).Count);
        Assert.AreSequenceEqual(new[] { "0", "0.05", "2,500", "1e6", "3e-5" }, new[] { 0, 0.05, 2500, 1e6, 3e-5 }.Select(PlotAxis.Format).ToArray());
    }

    // The lowest row in which a column meets the bold line.
    private static int LineAt(SKBitmap plot, int x) =>
        Enumerable.Range(0, plot.Height).Last(y => plot.GetPixel(x, y) is { Red: < 100, Blue: > 150 });
}
