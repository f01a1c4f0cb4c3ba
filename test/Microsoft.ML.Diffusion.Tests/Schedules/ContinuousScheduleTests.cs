namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class ContinuousScheduleTests
{
    private static readonly double[] Times = [0.001, 0.03, 0.2, 0.5, 0.77, 0.999];

    public static IEnumerable<object[]> Schedules =>
    [
        [KnownSchedules.Vp], [new VpSchedule(0, 3)], [KnownSchedules.SubVp], [new SubVpSchedule(0.2, 9)], [KnownSchedules.Ve], [new VeSchedule(0.3, 4)],
        [KnownSchedules.RectifiedFlow], [new RectifiedFlowSchedule(sigmaMin: 0.1)], [KnownSchedules.Edm],
        [KnownSchedules.PolynomialFlow], [new PolynomialFlowSchedule(1.5)], [KnownSchedules.CosineFlow], [KnownSchedules.LinearVpFlow],
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
    [DynamicData(nameof(Schedules))]
    public void At_LaterTimes_AreNoisier(NoiseSchedule schedule)
    {
        double previous = double.PositiveInfinity;
        for (int i = 1; i <= 1000; i++)
        {
            double logSnr = schedule.At(i / 1000.0).LogSnr;
            Assert.IsLessThan(previous, logSnr);
            previous = logSnr;
        }
        Assert.AreEqual(0, schedule.TimeOf(double.PositiveInfinity));
        Assert.AreEqual(1, schedule.TimeOf(double.NegativeInfinity));
    }

    [TestMethod]
    [DynamicData(nameof(Schedules))]
    public void Discretize_WholeChain_HasTheLevels(NoiseSchedule schedule)
    {
        // α and σ² of x + Drift·x + Diffusion·z, link by link, from the level where the chain starts.
        const int Steps = 20_000, First = 2_000, Last = 19_000;
        double Time(int link) => link / (Steps - 1.0);
        var (alpha, sigma) = schedule.At(Time(First));
        double variance = sigma * sigma;
        for (int link = First + 1; link <= Last; link++)
        {
            var (drift, diffusion) = schedule.Discretize(Time(link), Steps);
            alpha *= 1 + drift;
            variance = variance * (1 + drift) * (1 + drift) + diffusion * diffusion;
        }
        // Euler and Maruyama err by 1/Steps times slopes of up to 60.
        var level = schedule.At(Time(Last));
        Assert.AreEqual(level.Alpha, alpha, 3e-3);
        Assert.AreEqual(level.Sigma, Math.Sqrt(variance), 3e-3 * Math.Max(1, level.Sigma));
    }

    [TestMethod]
    public void Discretize_IllegalChain_IsRefusedWithTheValue()
    {
        Assert.Contains("at least 2", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => KnownSchedules.RectifiedFlow.Discretize(0.5, 1)).Message);
        Assert.Contains("at least 2", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => KnownSchedules.Ve.Discretize(0.5, 0)).Message);
        Assert.Contains("β_max = 20", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => KnownSchedules.Vp.Discretize(0.5, 10)).Message);
        Assert.Contains("1.5", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => KnownSchedules.Ve.Discretize(1.5, 10)).Message);
    }

    [TestMethod]
    public void At_EndsOfAFlow_AreExact()
    {
        foreach (var schedule in new[] { KnownSchedules.RectifiedFlow, KnownSchedules.PolynomialFlow, KnownSchedules.CosineFlow, KnownSchedules.LinearVpFlow })
        {
            Assert.AreEqual(NoiseLevel.Clean, schedule.At(0));
            Assert.AreEqual(new NoiseLevel(0, 1), schedule.At(1));
            Assert.AreEqual(8, KnownSolvers.Ddim.Plan(schedule.DefaultSpacing.Grid(schedule, 8)).Evaluations);
        }
    }

    [TestMethod]
    public void FitTo_GeometricFromData_IsTheVarianceExplodingSchedule()
    {
        Assert.AreSame(KnownSchedules.Vp, KnownSchedules.Vp.FitTo(new Distance(3)));
        var schedule = new GeometricFromDataSchedule(0.02, KnownTimeDensities.LogitNormal);
        var fitted = Assert.IsInstanceOfType<VeSchedule>(schedule.FitTo(new Distance(7)));
        Assert.AreEqual(0.02, fitted.SigmaMin);
        Assert.AreEqual(7, fitted.SigmaMax);
        Assert.AreSame(KnownTimeDensities.LogitNormal, fitted.Density);
        Assert.AreEqual(fitted, ((GaussianProcess)new GaussianProcess(new Known(fitted)).FitTo(new Distance(7))).Schedule);
        Assert.Contains("is 0.01; it must be above the smallest σ, 0.02", Assert.ThrowsExactly<InvalidOperationException>(() => schedule.FitTo(new Distance(0.01))).Message);
        Assert.Contains("FitTo", Assert.ThrowsExactly<InvalidOperationException>(() => schedule.At(0.5)).Message);
        Assert.Contains("FitTo", Assert.ThrowsExactly<InvalidOperationException>(() => schedule.RatioRange).Message);
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
        Assert.Contains("-1", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new PolynomialFlowSchedule(-1)).Message);
        Assert.Contains("NaN", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new GeometricFromDataSchedule(double.NaN)).Message);
    }

    private sealed class Distance(double value) : IModelSpaceData
    {
        public double LargestDistance() => value;
    }

    // Takes another schedule from the data.
    private sealed class Known(NoiseSchedule fitted) : ContinuousSchedule
    {
        public override (double Smallest, double Largest) RatioRange => fitted.RatioRange;

        public override TimeSpacing DefaultSpacing => fitted.DefaultSpacing;

        public override NoiseSchedule FitTo(IModelSpaceData data) => fitted;

        public override NoiseLevel At(double t) => fitted.At(t);

        public override LevelDerivative DerivativeAt(double t) => fitted.DerivativeAt(t);

        public override double TimeOf(double logSnr) => fitted.TimeOf(logSnr);
    }
}
