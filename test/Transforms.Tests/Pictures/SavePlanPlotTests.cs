using Microsoft.ML.Diffusion.Transforms;
using SkiaSharp;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class SavePlanPlotTests
{
    private static readonly DiffusionCatalog _d = new MLContext(1).Diffusion();

    [TestMethod]
    public void SavePlanPlot_ExponentialSpacing_FallsInAStraightLine()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("plan.png");
        var plan = KnownSolvers.Ddim.Plan(KnownSpacings.Exponential.Grid(KnownSchedules.Edm, 41));
        _d.Images.SavePlanPlot(plan, path, new() { Width = 600, Height = 300 });

        using SKBitmap plot = SKBitmap.Decode(path);
        Assert.AreEqual((600, 300), (plot.Width, plot.Height));
        // Three of the dots: the 4th, the 21st and the 38th.
        int[] heights = [.. new[] { 3, 20, 37 }.Select(i => DotAt(plot, 76 + (600 - 28 - 76) * i / 40))];
        Assert.IsGreaterThan(heights[0] + 50, heights[1]);
        Assert.AreEqual((heights[0] + heights[2]) / 2.0, heights[1], 2, "even in the logarithm");
    }

    [TestMethod]
    public void SavePlanPlot_AnyPlan_IsDrawn()
    {
        using var folder = new TemporaryFolder();
        var grid = KnownSpacings.Trailing.Grid(KnownSchedules.RectifiedFlow, 12);
        var plans = new[]
        {
            KnownSolvers.Ddim.Plan(grid), new HeunSolver(0.5).Plan(grid), Inpainting.Plan(KnownSolvers.Ddim, grid, new Resampling(3, 2)),
            Inversion.Plan(KnownSolvers.Ddim, grid, 1), KnownSolvers.Ddim.Plan(grid.Slice(11, 12)),
        };
        for (int i = 0; i < plans.Length; i++)
        {
            string path = folder.File($"{i}.png");
            _d.Images.SavePlanPlot(plans[i], path);
            Assert.IsTrue(File.Exists(path));
        }
    }

    [TestMethod]
    public void SavePlanPlot_OptionsOfASampler_PlotsItsPlan()
    {
        using var folder = new TemporaryFolder();
        _d.Images.SavePlanPlot(new SamplerEstimator.Options { Steps = 5 }, KnownSchedules.Cosine, folder.File("a.png"));
        _d.Images.SavePlanPlot(KnownSolvers.DpmSolverPlusPlus2M.Plan(KnownSpacings.Trailing.Grid(KnownSchedules.Cosine, 5)), folder.File("b.png"),
            new() { Title = $"{KnownSolvers.DpmSolverPlusPlus2M.Describe()}: 5 steps, 5 evaluations" });
        Assert.AreSequenceEqual(File.ReadAllBytes(folder.File("b.png")), File.ReadAllBytes(folder.File("a.png")));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _d.Images.SavePlanPlot(new SamplerEstimator.Options { Steps = 0 }, KnownSchedules.Cosine, folder.File("c.png")));
    }

    // The middle of the dot in a column.
    private static int DotAt(SKBitmap plot, int x)
    {
        int[] rows = [.. Enumerable.Range(0, plot.Height).Where(y => plot.GetPixel(x, y) is { Red: < 60, Blue: > 180 })];
        return (rows[0] + rows[^1]) / 2;
    }
}
