namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class LevelDistributionTests
{
    private const int Count = 20_000;

    [TestMethod]
    public void Time_LogNormal_HasItsMomentsOnAnySchedule()
    {
        foreach (var schedule in new[] { KnownSchedules.Edm, KnownSchedules.RectifiedFlow, new VpSchedule() })
        {
            double[] logs = Logs(new LogNormalLevels(-0.3, 0.8), schedule);
            // Quantiles of 20,000: the tails beyond cost less than 1e-3.
            Assert.AreEqual(-0.3, logs.Average(), 2e-3, schedule.GetType().Name);
            Assert.AreEqual(0.8, Math.Sqrt(logs.Average(value => Math.Pow(value + 0.3, 2))), 2e-3, schedule.GetType().Name);
        }
    }

    [TestMethod]
    public void Time_LogNormal_IsEdmsOwn()
    {
        var edm = new EdmSchedule();
        foreach (double u in new[] { 1e-9, 0.1, 0.5, 0.999 })
            Assert.AreEqual(edm.TrainingTime(u), new LogNormalLevels().Time(u, edm), 1e-12);
    }

    [TestMethod]
    public void Time_Karras_IsTheSpacingOfSampling()
    {
        var grid = new KarrasSpacing().Grid(KnownSchedules.Edm, 11);
        for (int i = 0; i < 11; i++)
            Assert.AreEqual(grid.Levels[i].Ratio, KnownSchedules.Edm.At(new KarrasLevels().Time(1 - i / 10.0, KnownSchedules.Edm)).Ratio, 1e-9 * grid.Levels[i].Ratio);
    }

    [TestMethod]
    public void Time_DensityOnADiscreteSchedule_VisitsItsSteps()
    {
        var schedule = new CosineSchedule(10);
        double[] steps = [.. Enumerable.Range(0, 1000).Select(i => KnownLevelDistributions.LogitNormal.Time((i + 0.5) / 1000, schedule) * 9)];
        Assert.IsTrue(steps.All(step => Math.Abs(step - Math.Round(step)) < 1e-9));
        Assert.IsGreaterThan(2 * steps.Count(step => step < 0.5), steps.Count(step => Math.Round(step) == 5), "fewer at the ends");
    }

    [TestMethod]
    public void Json_EachKind_ComesBack()
    {
        foreach (var levels in new LevelDistribution[] { KnownLevelDistributions.Schedule, new LogNormalLevels(1, 2), KnownLevelDistributions.LogitNormal, new KarrasLevels(3), new ImportanceLevels(5, 6, 0.5, new LogNormalLevels(1)) })
            Assert.AreEqual(ModelJson.Write(levels), ModelJson.Write(ModelJson.Read<LevelDistribution>(ModelJson.Write(levels))));
    }

    private static double[] Logs(LevelDistribution levels, NoiseSchedule schedule)
        => [.. Enumerable.Range(0, Count).Select(i => Math.Log(schedule.At(levels.Time((i + 0.5) / Count, schedule)).Ratio))];
}
