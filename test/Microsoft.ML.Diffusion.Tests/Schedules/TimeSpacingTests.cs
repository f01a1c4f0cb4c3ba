namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class TimeSpacingTests
{
    private static readonly NoiseSchedule[] Schedules = [KnownSchedules.Linear, KnownSchedules.ScaledLinear, KnownSchedules.Cosine, KnownSchedules.Edm, new LinearBetaSchedule(50)];

    private static readonly TimeSpacing[] Spacings =
        [KnownSpacings.Trailing, KnownSpacings.Leading, KnownSpacings.Linspace, KnownSpacings.Karras, KnownSpacings.Exponential, new ExponentialSpacing(1.5)];

    public static IEnumerable<object[]> Pairs => from schedule in Schedules from spacing in Spacings select new object[] { schedule, spacing };

    [TestMethod]
    [DynamicData(nameof(Pairs))]
    public void Grid_AnyNumberOfSteps_GoesDownToCleanData(NoiseSchedule schedule, TimeSpacing spacing)
    {
        foreach (int steps in new[] { 1, 2, 3, 10, 49, 50 })
        {
            var grid = spacing.Grid(schedule, steps);
            Assert.AreEqual(steps, grid.Steps);
            Assert.AreEqual(NoiseLevel.Clean, grid.Levels[^1]);
            // The last network call is at or above the smallest noise that the schedule visits.
            Assert.IsGreaterThanOrEqualTo(schedule.RatioRange.Smallest * (1 - 1e-12), grid.Levels[^2].Ratio);
            Assert.IsLessThanOrEqualTo(schedule.RatioRange.Largest * (1 + 1e-12), grid.Levels[0].Ratio);
            // A solver can use it.
            Assert.AreEqual(steps, KnownSolvers.DpmSolverPlusPlus2M.Plan(grid).Evaluations);
        }
    }

    [TestMethod]
    public void Grid_WholeRun_VisitsEveryStep()
    {
        var schedule = new LinearBetaSchedule(20);
        foreach (var spacing in new[] { KnownSpacings.Trailing, KnownSpacings.Leading, KnownSpacings.Linspace })
            Assert.AreSequenceEqual(
                Enumerable.Range(-1, 21).Reverse().Select(schedule.LevelOf).ToArray(), spacing.Grid(schedule, 20).Levels.ToArray());
    }

    [TestMethod]
    public void Grid_RatioSpacing_HitsItsEndPointsExactly()
    {
        foreach (TimeSpacing spacing in new TimeSpacing[] { new KarrasSpacing(7, 0.0292, 14.6146), new ExponentialSpacing(1, 0.0292, 14.6146) })
        {
            var grid = spacing.Grid(KnownSchedules.Linear, 13);
            Assert.AreEqual(14.6146, grid.Levels[0].Sigma);
            Assert.AreEqual(0.0292, grid.Levels[^2].Sigma);
            Assert.AreEqual(14.6146, grid.PriorScale);
        }
    }

    [TestMethod]
    public void Grid_ImpossibleRequest_SaysWhy()
    {
        Assert.Contains("at least 1", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => KnownSpacings.Karras.Grid(KnownSchedules.Edm, 0)).Message);
        Assert.Contains("1000 steps", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => KnownSpacings.Trailing.Grid(KnownSchedules.Linear, 1001)).Message);
        Assert.Contains("Offset 1", Assert.ThrowsExactly<ArgumentException>(() => new LeadingSpacing(1).Grid(KnownSchedules.Linear, 1000)).Message);
        Assert.Contains("must be 0", Assert.ThrowsExactly<ArgumentException>(() => new LeadingSpacing(1).Grid(KnownSchedules.Edm, 10)).Message);
    }

    [TestMethod]
    public void Constructor_IllegalValue_SaysWhatWasGot()
    {
        Assert.Contains("-1", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LeadingSpacing(-1)).Message);
        Assert.Contains("0", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new KarrasSpacing(0)).Message);
        Assert.Contains("NaN", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ExponentialSpacing(double.NaN)).Message);
        Assert.Contains("above 2", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new KarrasSpacing(7, 2, 1)).Message);
    }
}
