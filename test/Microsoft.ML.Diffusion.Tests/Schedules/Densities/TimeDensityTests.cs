namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class TimeDensityTests
{
    public static IEnumerable<object[]> Densities =>
    [
        [KnownTimeDensities.Uniform], [KnownTimeDensities.LogitNormal], [new LogitNormalTimeDensity(-1, 0.5)], [KnownTimeDensities.Mode], [new ModeTimeDensity(-1)], [new ModeTimeDensity(2 / (Math.PI - 2))],
    ];

    [TestMethod]
    [DynamicData(nameof(Densities))]
    public void Time_AllOfTheInterval_IsMappedOneToOne(TimeDensity density)
    {
        var times = Enumerable.Range(0, 1000).Select(i => density.Time((i + 0.5) / 1000)).ToArray();
        Assert.IsTrue(times.All(time => time is > 0 and < 1));
        int direction = Math.Sign(times[^1] - times[0]);
        for (int i = 1; i < times.Length; i++)
            // Limits of the scale touch slope 0: neighbours may round to the same time.
            Assert.IsGreaterThanOrEqualTo(0, direction * (times[i] - times[i - 1]) + 1e-15);
    }

    [TestMethod]
    public void Time_LogitNormal_HasTheQuantilesOfItsNormal()
    {
        var density = new LogitNormalTimeDensity(0.4, 1.3);
        double Logit(double t) => Math.Log(t / (1 - t));
        Assert.AreEqual(0.4, Logit(density.Time(0.5)), 1e-12);
        // Φ(1) to sixteen digits; the quantile is good to twelve.
        Assert.AreEqual(0.4 + 1.3, Logit(density.Time(0.8413447460685429)), 1e-9);
    }

    [TestMethod]
    public void Time_Mode_PutsMoreInTheMiddle()
    {
        double Share(double scale) => Enumerable.Range(0, 10_000).Count(i => new ModeTimeDensity(scale).Time((i + 0.5) / 10_000) is > 0.4 and < 0.6) / 10_000.0;
        Assert.AreEqual(0.2, Share(0), 1e-3, "uniform");
        Assert.IsGreaterThan(0.3, Share(1.29));
        Assert.IsLessThan(0.2, Share(-0.5));
    }

    [TestMethod]
    public void TrainingTime_ContinuousSchedules_ComeFromTheDensity()
    {
        foreach (NoiseSchedule schedule in new NoiseSchedule[]
        {
            new RectifiedFlowSchedule(KnownTimeDensities.Mode), new CosineFlowSchedule(KnownTimeDensities.Mode), new LinearVpFlowSchedule(KnownTimeDensities.Mode),
            new PolynomialFlowSchedule(2, KnownTimeDensities.Mode), new VeSchedule(0.1, 3, KnownTimeDensities.Mode),
        })
            Assert.AreEqual(KnownTimeDensities.Mode.Time(0.3), schedule.TrainingTime(0.3));
        // The variance-preserving SDE is not trained below 1e-3.
        Assert.AreEqual(0.001 + 0.999 * KnownTimeDensities.Mode.Time(0.3), new VpSchedule(density: KnownTimeDensities.Mode).TrainingTime(0.3), 1e-15);
    }

    [TestMethod]
    public void Constructors_IllegalValue_SayWhatIsAccepted()
    {
        Assert.Contains("[-1, 1.75", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ModeTimeDensity(2)).Message);
        Assert.Contains("-1.5", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ModeTimeDensity(-1.5)).Message);
        Assert.Contains("positive", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LogitNormalTimeDensity(0, 0)).Message);
        Assert.Contains("finite", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LogitNormalTimeDensity(double.NaN)).Message);
    }
}
