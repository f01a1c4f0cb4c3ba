using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class ZeroTerminalSnrScheduleTests
{
    public static IEnumerable<object[]> Inner => [[new LinearBetaSchedule()], [new ScaledLinearBetaSchedule(20, 0.01, 0.3)], [new CosineSchedule(50)]];

    [TestMethod]
    [DynamicData(nameof(Inner))]
    public void LevelOf_Ends_ArePureNoiseAndTheOldFirst(DiscreteSchedule inner)
    {
        var schedule = new ZeroTerminalSnrSchedule(inner);
        Assert.AreEqual(new NoiseLevel(0, 1), schedule.LevelOf(schedule.Steps - 1));
        Assert.AreEqual(new NoiseLevel(0, 1), schedule.At(1));
        Assert.AreEqual(1, schedule.Betas[^1]);
        Assert.AreEqual(inner.LevelOf(0).Alpha, schedule.LevelOf(0).Alpha, 1e-15, "scaled back to where it began; rounding only");
        Assert.AreEqual(double.PositiveInfinity, schedule.RatioRange.Largest);
    }

    [TestMethod]
    [DynamicData(nameof(Inner))]
    public void At_LastInterval_KeepsTheLaws(DiscreteSchedule inner)
    {
        var schedule = new ZeroTerminalSnrSchedule(inner);
        double previous = double.PositiveInfinity;
        for (int i = 0; i <= 20; i++)
        {
            double t = (schedule.Steps - 2 + i / 20.0) / (schedule.Steps - 1);
            var level = schedule.At(Math.Min(t, 1));
            Assert.IsLessThan(previous, level.LogSnr);
            previous = level.LogSnr;
            Assert.AreEqual(1, level.Alpha * level.Alpha + level.Sigma * level.Sigma, 1e-15);
            Assert.AreEqual(t, schedule.TimeOf(level.LogSnr), 1e-12);
            if (i is 0 or 20)
                continue;
            double h = 1e-4 / (schedule.Steps - 1);
            var slope = schedule.DerivativeAt(t);
            // Central differences err by h² relatively, and by rounding/h absolutely.
            Assert.AreEqual((schedule.At(t + h).Alpha - schedule.At(t - h).Alpha) / (2 * h), slope.Alpha, 1e-5 * Math.Abs(slope.Alpha) + 1e-15 / h);
            Assert.AreEqual((schedule.At(t + h).Sigma - schedule.At(t - h).Sigma) / (2 * h), slope.Sigma, 1e-5 * Math.Abs(slope.Sigma) + 1e-15 / h);
        }
        var end = schedule.DerivativeAt(1);
        Assert.AreEqual(0, end.Sigma);
        Assert.IsTrue(double.IsFinite(end.Alpha));
    }

    [TestMethod]
    public void Sampling_FromPureNoise_RecoversTheData()
    {
        // A point mass: the exact denoiser answers it from any noise, and every sampler must end there.
        var mixture = new GaussianMixtureDenoiser([1], [[0.7, -1.2]], [new double[,] { { 1e-12, 0 }, { 0, 1e-12 } }]);
        foreach (var solver in new[] { KnownSolvers.Ddim, KnownSolvers.DdpmAncestral, KnownSolvers.Euler, KnownSolvers.DpmSolverPlusPlus2M })
        {
            var grid = KnownSpacings.Trailing.Grid(KnownSchedules.ZeroTerminalSnr, 10);
            Assert.AreEqual(0, grid.Levels[0].Alpha);
            Assert.AreEqual(1, grid.PriorScale);
            using var start = tensor(new[] { 1.5, 0.3 }, [1, 2]);
            using var sample = PlanRunner.Run(solver.Plan(grid), mixture, start, Conditioning.None, new RowNoise(1, [new RowKey(0)]));
            Assert.AreEqual(0.7, sample.data<double>()[0], 1e-5, "the deviation of the mass is 1e-6");
            Assert.AreEqual(-1.2, sample.data<double>()[1], 1e-5);
        }
    }

    [TestMethod]
    public void PureNoise_WhereItCanNotBe_IsRefusedWithAWayOut()
    {
        var schedule = KnownSchedules.ZeroTerminalSnr;
        Assert.Contains("v, x0 or EDM", Assert.ThrowsExactly<ArgumentException>(() => KnownParameterizations.Epsilon.At(schedule.At(1))).Message);
        Assert.Contains("ratioMax", Assert.ThrowsExactly<ArgumentException>(() => KnownSpacings.Karras.Grid(schedule, 5)).Message);
        Assert.AreEqual(5, new KarrasSpacing(ratioMax: 100).Grid(schedule, 5).Steps);
        Assert.ThrowsExactly<ArgumentNullException>(() => new ZeroTerminalSnrSchedule(null!));
    }
}
