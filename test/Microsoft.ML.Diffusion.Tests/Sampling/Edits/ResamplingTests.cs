namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class ResamplingTests
{
    [TestMethod]
    public void Walk_TenStepsInStretchesOfFour_IsTheAuthorsSchedule()
        // Points of the grid; the authors' get_schedule_jump counts steps that are left.
        => Assert.AreSequenceEqual(
            new[] { (0, 6), (6, 2), (2, 6), (6, 2), (2, 6), (6, 10), (10, 6), (6, 10), (10, 6), (6, 10) }, new Resampling(4, 3).Walk(10).ToArray());

    [TestMethod]
    [DataRow(1, 3, 4)]
    [DataRow(4, 1, 10)]
    [DataRow(10, 5, 10)]
    [DataRow(10, 5, 3)]
    [DataRow(7, 2, 250)]
    public void Walk_AnyStretch_IsConnectedAndEndsClean(int length, int count, int steps)
    {
        int at = 0;
        foreach (var (from, to) in new Resampling(length, count).Walk(steps))
        {
            Assert.AreEqual(at, from);
            Assert.IsInRange(0, steps, to);
            at = to;
        }
        Assert.AreEqual(steps, at);
    }

    [TestMethod]
    public void Renoise_AnyPoints_KeepsTheMarginal()
    {
        foreach (var schedule in new[] { KnownSchedules.Linear, KnownSchedules.RectifiedFlow, KnownSchedules.Edm })
        {
            var grid = schedule.DefaultSpacing.Grid(schedule, 8);
            var trace = new PlanTracer(grid);
            var terms = new Resampling().Renoise(trace, grid, trace.Start, 8, 3).Terms;
            // From clean data: α·x0 + σ·ε is the level itself.
            Assert.AreEqual(grid.Levels[3].Alpha, terms[0].Coefficient, 1e-12);
            Assert.AreEqual(grid.Levels[3].Sigma, terms[1].Coefficient, 1e-12);
        }
    }

    [TestMethod]
    public void Resampling_OutOfRange_NamesValue()
    {
        Assert.AreEqual(0, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new Resampling(0)).ActualValue);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new Resampling(1, 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new Resampling(1, 1, 1.5));
    }

    [TestMethod]
    public void Json_RoundTrip_KeepsEverything()
    {
        var read = ModelJson.Read<Resampling>(ModelJson.Write(new Resampling(3, 4, 0.25)));
        Assert.AreEqual((3, 4, 0.25), (read.Length, read.Count, read.Lead));
    }
}
