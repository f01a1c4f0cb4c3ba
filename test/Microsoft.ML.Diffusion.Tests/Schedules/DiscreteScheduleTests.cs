namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class DiscreteScheduleTests
{
    public static IEnumerable<object[]> Schedules =>
    [
        [new LinearBetaSchedule()], [new ScaledLinearBetaSchedule()], [new CosineSchedule()], [new LinearBetaSchedule(7, 0.1, 0.3)], [new CosineSchedule(2)],
        [new SigmoidSchedule()], [new SigmoidSchedule(300, -3, 4, 0.7)], [new SigmoidBetaSchedule()], [new SqrtBetaSchedule()], [new ZeroTerminalSnrSchedule(new LinearBetaSchedule())],
    ];

    [TestMethod]
    [DynamicData(nameof(Schedules))]
    public void At_EveryStep_IsTheTableExactly(DiscreteSchedule schedule)
    {
        for (int step = 0; step < schedule.Steps; step++)
            Assert.AreEqual(schedule.LevelOf(step), schedule.At(schedule.TimeOfStep(step)));
    }

    [TestMethod]
    [DynamicData(nameof(Schedules))]
    public void At_BetweenSteps_IsVariancePreservingAndHalfwayInLogRatio(DiscreteSchedule schedule)
    {
        for (int step = 0; step + 1 < schedule.Steps; step += Math.Max(1, schedule.Steps / 20))
        {
            var level = schedule.At((step + 0.5) / (schedule.Steps - 1));
            var (below, above) = (schedule.LevelOf(step), schedule.LevelOf(step + 1));
            // Two roundings of numbers of size 1.
            Assert.AreEqual(1, level.Alpha * level.Alpha + level.Sigma * level.Sigma, 1e-15);
            Assert.AreEqual((below.Lambda + above.Lambda) / 2, level.Lambda, 1e-13);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Schedules))]
    public void TimeOf_LevelAtATime_IsThatTime(DiscreteSchedule schedule)
    {
        for (int i = 0; i <= 100; i++)
        {
            double t = i / 100.0;
            // ln σ has rounding of 1e-16, over a slope of 1 at least.
            Assert.AreEqual(t, schedule.TimeOf(schedule.At(t).LogSnr), 1e-12);
        }
        Assert.AreEqual(0, schedule.TimeOf(double.PositiveInfinity));
        Assert.AreEqual(1, schedule.TimeOf(double.NegativeInfinity));
    }

    [TestMethod]
    [DynamicData(nameof(Schedules))]
    public void DerivativeAt_BetweenSteps_IsTheSlopeOfTheLevel(DiscreteSchedule schedule)
    {
        double h = 1e-3 / (schedule.Steps - 1);
        for (int step = 0; step + 1 < schedule.Steps; step += Math.Max(1, schedule.Steps / 20))
        {
            double t = (step + 0.4) / (schedule.Steps - 1);
            var (before, after, slope) = (schedule.At(t - h), schedule.At(t + h), schedule.DerivativeAt(t));
            // Central differences err by h² relatively, and by rounding/h absolutely.
            Assert.AreEqual((after.Alpha - before.Alpha) / (2 * h), slope.Alpha, 1e-5 * Math.Abs(slope.Alpha) + 1e-15 / h);
            Assert.AreEqual((after.Sigma - before.Sigma) / (2 * h), slope.Sigma, 1e-5 * Math.Abs(slope.Sigma) + 1e-15 / h);
        }
    }

    [TestMethod]
    public void DerivativeAt_Step_IsTheMeanOfBothSides()
    {
        var schedule = new LinearBetaSchedule(5, 0.1, 0.4);
        double Slope(double t)
        {
            var (level, derivative) = (schedule.At(t), schedule.DerivativeAt(t));
            return derivative.Sigma / level.Sigma - derivative.Alpha / level.Alpha;
        }
        Assert.AreEqual((Slope(0.5 - 1e-3) + Slope(0.5 + 1e-3)) / 2, Slope(0.5), 1e-12);
    }

    [TestMethod]
    public void TrainingTime_EveryQuantile_VisitsEachStepAsOften()
    {
        var schedule = new LinearBetaSchedule(10);
        var visits = Enumerable.Range(0, 1000).Select(i => schedule.TrainingTime((i + 0.5) / 1000)).GroupBy(time => time).ToArray();
        Assert.HasCount(10, visits);
        Assert.IsTrue(visits.All(visit => visit.Count() == 100));
    }

    [TestMethod]
    public void LevelOf_MinusOne_IsCleanAtATimeBelowZero()
    {
        var schedule = new LinearBetaSchedule(5);
        Assert.AreEqual(NoiseLevel.Clean, schedule.LevelOf(-1));
        Assert.AreEqual(-0.25, schedule.TimeOfStep(-1));
    }

    [TestMethod]
    public void Constructor_IllegalValue_SaysWhatWasGotAndWhatIsAccepted()
    {
        Expect<ArgumentOutOfRangeException>(() => new LinearBetaSchedule(1), "at least 2", "1");
        Expect<ArgumentOutOfRangeException>(() => new LinearBetaSchedule(10, 0), "(0, 1)", "0");
        Expect<ArgumentOutOfRangeException>(() => new LinearBetaSchedule(10, 0.2, 0.1), "[0.2, 1)", "0.1");
        Expect<ArgumentOutOfRangeException>(() => new ScaledLinearBetaSchedule(10, 0.2, double.NaN), "[0.2, 1)", "NaN");
        Expect<ArgumentOutOfRangeException>(() => new CosineSchedule(10, -1), "(0, 1)", "-1");
        Expect<ArgumentOutOfRangeException>(() => new CosineSchedule(10, 0.008, 1), "(0, 1)", "1");
        Expect<ArgumentOutOfRangeException>(() => new SigmoidSchedule(10, 3, -3), "start < end", "3 and -3");
        Expect<ArgumentOutOfRangeException>(() => new SigmoidSchedule(10, temperature: 0), "positive", "0");
        Expect<ArgumentOutOfRangeException>(() => new SigmoidBetaSchedule(10, 0.2, 0.1), "[0.2, 1)", "0.1");
        Expect<ArgumentOutOfRangeException>(() => new SqrtBetaSchedule(1), "at least 2", "1");
        Expect<ArgumentException>(() => new TableSchedule(0.1, 1, 0.2), "the last step may be 1", "β of step 1 is 1");
        Expect<ArgumentOutOfRangeException>(() => new CosineSchedule().At(1.5), "[0, 1]", "1.5");
        Expect<ArgumentOutOfRangeException>(() => new CosineSchedule().LevelOf(1000), "999", "1000");
        Expect<ArgumentOutOfRangeException>(() => new CosineSchedule().TimeOf(double.NaN), "number", "NaN");
    }

    [TestMethod]
    [DynamicData(nameof(Schedules))]
    public void Discretize_AsManyStepsAsTheTable_IsItsChain(DiscreteSchedule schedule)
    {
        for (int step = 0; step < schedule.Steps; step += Math.Max(1, schedule.Steps / 20))
        {
            var link = schedule.Discretize(schedule.TimeOfStep(step), schedule.Steps);
            double beta = schedule.Betas[step];
            // Ratios of neighbouring α and σ: rounding only.
            Assert.AreEqual(Math.Sqrt(1 - beta) - 1, link.Drift, 1e-12);
            Assert.AreEqual(Math.Sqrt(beta), link.Diffusion, 1e-12);
        }
    }

    private static void Expect<T>(Func<object> action, params string[] words)
        where T : Exception
    {
        var exception = Assert.ThrowsExactly<T>(() => action());
        foreach (string word in words)
            Assert.Contains(word, exception.Message);
    }

    private sealed class TableSchedule(params double[] betas) : DiscreteSchedule(betas);
}
