namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class TimeSpacingTests
{
    private static readonly NoiseSchedule[] Schedules = [KnownSchedules.Linear, KnownSchedules.ScaledLinear, KnownSchedules.Cosine, KnownSchedules.Edm, new LinearBetaSchedule(50)];

    private static readonly TimeSpacing[] Spacings =
        [KnownSpacings.Trailing, KnownSpacings.Leading, KnownSpacings.Linspace, KnownSpacings.Karras, KnownSpacings.Exponential, new ExponentialSpacing(1.5),
            KnownSpacings.FractionalLinspace, KnownSpacings.LogSnr, KnownSpacings.Beta, new ShiftedSpacing(3, 0.02)];

    public static IEnumerable<object[]> Pairs => from schedule in Schedules from spacing in Spacings select new object[] { schedule, spacing };

    [TestMethod]
    public void Grid_LinspaceOfAnyCount_BeginsAtTimeOneExactly()
    {
        for (int steps = 1; steps < 400; steps++)
            Assert.AreEqual(1, KnownSpacings.Linspace.Grid(KnownSchedules.Vp, steps).Times[0]);
    }

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
            Assert.AreEqual(steps, KnownSolvers.Ddim.Plan(grid).Evaluations);
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
    public void Grid_Quadratic_HasEvenRoots()
    {
        // (i·√80/4)² of 100 steps, cut off.
        Assert.AreSequenceEqual(new[] { 80, 45, 20, 5, 0 }, Steps(KnownSpacings.Quadratic, 100, 5));
        Assert.AreSequenceEqual(new[] { 81, 46, 21, 6, 1 }, Steps(new QuadraticSpacing(1), 100, 5));
        Assert.AreEqual(49, KnownSpacings.Quadratic.Grid(new LinearBetaSchedule(100), 60).Steps, "steps that fall together are one");
        var grid = KnownSpacings.Quadratic.Grid(KnownSchedules.Vp, 5);
        double[] roots = [.. grid.Times.SkipLast(1).Select(Math.Sqrt)];
        for (int i = 2; i < roots.Length; i++)
            Assert.AreEqual(roots[1] - roots[0], roots[i] - roots[i - 1], 1e-12);
    }

    [TestMethod]
    public void Grid_StridedAndSections_AreImprovedDdpms()
    {
        Assert.AreSequenceEqual(new[] { 27, 24, 21, 18, 15, 12, 9, 6, 3, 0 }, Steps(KnownSpacings.Strided, 29, 10));
        Assert.AreSequenceEqual(new[] { 25, 13, 1 }, Steps(new StridedSpacing(12, 1), 30, 3));
        Assert.AreSequenceEqual(new[] { 19, 14, 10, 9, 0 }, Steps(new SectionSpacing([2, 3]), 20, 5));
        Assert.AreSequenceEqual(Steps(KnownSpacings.Linspace, 77, 13), Steps(new SectionSpacing([13]), 77, 13));
    }

    [TestMethod]
    public void Grid_LogSnr_IsEvenAndOnTheSchedule()
    {
        foreach (var schedule in new[] { KnownSchedules.Vp, KnownSchedules.ScaledLinear })
        {
            var grid = KnownSpacings.LogSnr.Grid(schedule, 9);
            for (int i = 2; i < 9; i++)
                // λ of a level near clean data keeps twelve digits.
                Assert.AreEqual(grid.Levels[1].Lambda - grid.Levels[0].Lambda, grid.Levels[i].Lambda - grid.Levels[i - 1].Lambda, 1e-10);
            Assert.AreEqual(1, grid.PriorScale, 1e-15);
        }
        Assert.Contains("ratioMax", Assert.ThrowsExactly<ArgumentException>(() => KnownSpacings.LogSnr.Grid(KnownSchedules.RectifiedFlow, 9)).Message);
        Assert.AreEqual(30, new LogSnrSpacing(ratioMax: 30).Grid(KnownSchedules.RectifiedFlow, 9).Levels[0].Ratio, 1e-10);
    }

    [TestMethod]
    public void Grid_FractionalLinspace_MeetsTheTableAtWholeSteps()
    {
        var schedule = new LinearBetaSchedule(13);
        Assert.AreSequenceEqual(KnownSpacings.Linspace.Grid(schedule, 5).Levels.ToArray(), KnownSpacings.FractionalLinspace.Grid(schedule, 5).Levels.ToArray());
        var grid = KnownSpacings.FractionalLinspace.Grid(schedule, 9);
        // 10.5 of 12 steps: halfway between the ratios of steps 10 and 11.
        Assert.AreEqual((schedule.LevelOf(10).Ratio + schedule.LevelOf(11).Ratio) / 2, grid.Levels[1].Ratio, 1e-13);
        Assert.AreEqual(10.5 / 12, grid.Times[1], 1e-15);
        Assert.AreEqual(7, KnownSpacings.FractionalLinspace.Grid(KnownSchedules.ZeroTerminalSnr, 7).Steps, "pure noise has no ratio to go half way to");
    }

    [TestMethod]
    public void Grid_Shifted_LowersTheLogSnrOfAFlow()
    {
        var (plain, shifted) = (new ShiftedSpacing(1, 0.01).Grid(KnownSchedules.RectifiedFlow, 6), new ShiftedSpacing(3, 0.01).Grid(KnownSchedules.RectifiedFlow, 6));
        for (int i = 1; i < 6; i++)
            Assert.AreEqual(plain.Levels[i].LogSnr - 2 * Math.Log(3), shifted.Levels[i].LogSnr, 1e-10);
        Assert.AreEqual(new NoiseLevel(0, 1), shifted.Levels[0]);
        Assert.AreEqual(Math.Exp(0.5), ShiftedSpacing.ForTokens(256).Shift, 1e-15);
        Assert.AreEqual(Math.Exp(1.15), ShiftedSpacing.ForTokens(4096).Shift, 1e-14);
    }

    [TestMethod]
    public void Grid_EndsOfDecorators_AreAsNamed()
    {
        var schedule = new LinearBetaSchedule(100);
        Assert.AreSequenceEqual(new[] { 80, 60, 40, 20 }, Steps(new OpenEndedSpacing(KnownSpacings.Leading), 100, 4));
        Assert.AreEqual(NoiseLevel.Clean, new OpenEndedSpacing(KnownSpacings.Leading).Grid(schedule, 4).Levels[^1]);
        var noisy = new NoisyEndSpacing(KnownSpacings.Trailing).Grid(schedule, 4);
        Assert.AreEqual(schedule.LevelOf(0), noisy.Levels[^1]);
        Assert.AreEqual(4, noisy.Steps);
        Assert.AreEqual(0.02, new NoisyEndSpacing(new OpenEndedSpacing(KnownSpacings.Karras)).Grid(new EdmSchedule(0.02, 9), 4).Levels[^1].Sigma, 1e-15);
        Assert.Contains(nameof(OpenEndedSpacing), Assert.ThrowsExactly<ArgumentException>(() => new NoisyEndSpacing(KnownSpacings.Leading).Grid(schedule, 4)).Message);
    }

    [TestMethod]
    public void Grid_Beta_IsItsDistributionsQuantiles()
    {
        // Of the uniform distribution, Beta(1, 1): even ratios; of Beta(2, 1), whose quantiles are square roots.
        var even = new BetaSpacing(1, 1, 0.5, 10.5).Grid(KnownSchedules.Edm, 5).Levels;
        Assert.AreEqual(5.5, even[2].Sigma, 1e-12);
        var root = new BetaSpacing(2, 1, 0.5, 10.5).Grid(KnownSchedules.Edm, 5).Levels;
        Assert.AreEqual(0.5 + 10 * Math.Sqrt(0.25), root[3].Sigma, 1e-11);
    }

    [TestMethod]
    public void Grid_ImpossibleRequest_SaysWhy()
    {
        Assert.Contains("at least 1", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => KnownSpacings.Karras.Grid(KnownSchedules.Edm, 0)).Message);
        Assert.Contains("1000 steps", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => KnownSpacings.Trailing.Grid(KnownSchedules.Linear, 1001)).Message);
        Assert.Contains("Offset 1", Assert.ThrowsExactly<ArgumentException>(() => new LeadingSpacing(1).Grid(KnownSchedules.Linear, 1000)).Message);
        Assert.Contains("stride 2 gives 25", Assert.ThrowsExactly<ArgumentException>(() => KnownSpacings.Strided.Grid(new LinearBetaSchedule(50), 49)).Message);
        Assert.Contains("Stride 7 gives 8 of 50 steps, not 4", Assert.ThrowsExactly<ArgumentException>(() => new StridedSpacing(7).Grid(new LinearBetaSchedule(50), 4)).Message);
        Assert.Contains("make 5 steps, not 4", Assert.ThrowsExactly<ArgumentException>(() => new SectionSpacing([2, 3]).Grid(KnownSchedules.Linear, 4)).Message);
        Assert.Contains("Section 1 has 5 steps", Assert.ThrowsExactly<ArgumentException>(() => new SectionSpacing([2, 6]).Grid(new LinearBetaSchedule(10), 8)).Message);
        Assert.Contains("continuous", Assert.ThrowsExactly<ArgumentException>(() => new SectionSpacing([2]).Grid(KnownSchedules.Vp, 2)).Message);
        Assert.Contains("beyond the last", Assert.ThrowsExactly<ArgumentException>(() => new QuadraticSpacing(21).Grid(new LinearBetaSchedule(100), 4)).Message);
        Assert.Contains("must be 0", Assert.ThrowsExactly<ArgumentException>(() => new LeadingSpacing(1).Grid(KnownSchedules.Edm, 10)).Message);
    }

    [TestMethod]
    public void Constructor_IllegalValue_SaysWhatWasGot()
    {
        Assert.Contains("-1", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LeadingSpacing(-1)).Message);
        Assert.Contains("0", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new KarrasSpacing(0)).Message);
        Assert.Contains("NaN", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ExponentialSpacing(double.NaN)).Message);
        Assert.Contains("[0]", Assert.ThrowsExactly<ArgumentException>(() => new SectionSpacing([0])).Message);
        Assert.Contains("(0, 1]", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new QuadraticSpacing(0, 1.5)).Message);
        Assert.Contains("at least 1", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new StridedSpacing(0)).Message);
        Assert.Contains("got 0.5 and 0.2", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ShiftedSpacing(1, 0.5, 0.2)).Message);
        Assert.Contains("positive", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ShiftedSpacing(0)).Message);
        Assert.Contains("at least 1", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ShiftedSpacing.ForTokens(0)).Message);
        Assert.Contains("positive", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new BetaSpacing(0)).Message);
        Assert.Contains("At least 1", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new OpenEndedSpacing(KnownSpacings.Karras, 0)).Message);
        Assert.ThrowsExactly<ArgumentNullException>(() => new NoisyEndSpacing(null!));
        Assert.Contains("above 2", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new KarrasSpacing(7, 2, 1)).Message);
    }

    private static int[] Steps(TimeSpacing spacing, int total, int count)
        => [.. spacing.Grid(new LinearBetaSchedule(total), count).Times.SkipLast(1).Select(time => (int)Math.Round(time * (total - 1)))];
}
