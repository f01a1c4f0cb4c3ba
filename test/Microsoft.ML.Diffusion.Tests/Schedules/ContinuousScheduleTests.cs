namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class ContinuousScheduleTests
{
    private static readonly double[] Times = [0.001, 0.03, 0.2, 0.5, 0.77, 0.999];

    public static IEnumerable<object[]> Schedules =>
    [
        [KnownSchedules.Vp], [new VpSchedule(0, 3)], [KnownSchedules.SubVp], [new SubVpSchedule(0.2, 9)], [KnownSchedules.Ve], [new VeSchedule(0.3, 4)],
        [KnownSchedules.RectifiedFlow], [KnownSchedules.Edm],
    ];

    [TestMethod]
    [DynamicData(nameof(Schedules))]
    public void TimeOf_LevelOfATime_IsTheTime(NoiseSchedule schedule)
    {
        foreach (double t in Times)
            // The logarithm of α near 1 keeps 1e-16 of σ² ~ 1e-4: twelve digits are left.
            Assert.AreEqual(t, schedule.TimeOf(schedule.At(t).LogSnr), 1e-10);
    }

    [TestMethod]
    [DynamicData(nameof(Schedules))]
    public void DerivativeAt_AnyTime_IsThatOfTheLevel(NoiseSchedule schedule)
    {
        foreach (double t in Times)
        {
            const double Step = 1e-6;
            var (after, before, velocity) = (schedule.At(t + Step), schedule.At(t - Step), schedule.DerivativeAt(t));
            // A central difference errs by its step squared times the third derivative, and by rounding / step: 1e-9 of σ', more where it is steep.
            Assert.AreEqual((after.Alpha - before.Alpha) / (2 * Step), velocity.Alpha, 1e-5);
            Assert.AreEqual((after.Sigma - before.Sigma) / (2 * Step), velocity.Sigma, 1e-5 * Math.Max(1, Math.Abs(velocity.Sigma)));
        }
    }

    [TestMethod]
    [DynamicData(nameof(Schedules))]
    public void SdeAt_IntegratedMoments_AreTheLevels(NoiseSchedule schedule)
    {
        // dα/dt = f·α and dσ²/dt = 2f·σ² + g², by the midpoint rule.
        const int Steps = 20_000;
        const double From = 0.01, To = 0.95;
        double alpha = schedule.At(From).Alpha, variance = Math.Pow(schedule.At(From).Sigma, 2), step = (To - From) / Steps;
        for (int i = 0; i < Steps; i++)
        {
            var (f, g2) = schedule.SdeAt(From + (i + 0.5) * step);
            double middle = variance + step / 2 * (2 * f * variance + g2);
            alpha *= 1 + step * f + step * step * f * f / 2;
            variance += step * (2 * f * middle + g2);
        }
        // The rule errs by the step squared, 2e-9, times derivatives of up to 1e3.
        Assert.AreEqual(schedule.At(To).Alpha, alpha, 1e-5);
        Assert.AreEqual(schedule.At(To).Sigma, Math.Sqrt(variance), 1e-5 * Math.Max(1, Math.Sqrt(variance)));
    }

    [TestMethod]
    public void SdeAt_KnownFamilies_AreThePapers()
    {
        double t = 0.3, beta = 0.1 + t * 19.9;
        // Song et al. 2021, eq. 11, 12 and 9: f and g² of VP, sub-VP and VE; rounding only.
        Assert.AreEqual(-beta / 2, KnownSchedules.Vp.SdeAt(t).Drift, 1e-12);
        Assert.AreEqual(beta, KnownSchedules.Vp.SdeAt(t).DiffusionSquared, 1e-12);
        double integral = 0.1 * t + 19.9 / 2 * t * t;
        Assert.AreEqual(beta * (1 - Math.Exp(-2 * integral)), KnownSchedules.SubVp.SdeAt(t).DiffusionSquared, 1e-12);
        double sigma = 0.01 * Math.Pow(5000, t);
        Assert.AreEqual(2 * sigma * sigma * Math.Log(5000), KnownSchedules.Ve.SdeAt(t).DiffusionSquared, 1e-12);
        Assert.AreEqual(0, KnownSchedules.Ve.SdeAt(t).Drift);
    }

    [TestMethod]
    public void Constructors_IllegalRanges_AreRefusedWithTheValues()
    {
        Assert.Contains("got 3 and 2", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VpSchedule(3, 2)).Message);
        Assert.Contains("got -1 and 2", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SubVpSchedule(-1, 2)).Message);
        Assert.Contains("got 0 and 2", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VeSchedule(0, 2)).Message);
        Assert.Contains("got 5 and 2", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VeSchedule(5, 2)).Message);
    }
}
