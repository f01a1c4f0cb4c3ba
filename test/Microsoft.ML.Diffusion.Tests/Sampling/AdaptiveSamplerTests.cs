using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>What holds for every sampler whose steps follow an error estimate.</summary>
[TestClass]
public sealed class AdaptiveSamplerTests
{
    private const int Count = 4;
    private static readonly TimeGrid Exploding = TimeGrid.FromRatios([20, 0.05]);

    public static IEnumerable<object[]> Samplers =>
    [
        [Ode(1e-5)],
        [new DpmAdaptiveSampler()],
        [new DpmAdaptiveSampler { Order = 2 }],
        [new DpmAdaptiveSampler { Eta = 0.5, NoiseScale = 1.1 }],
    ];

    public static IEnumerable<object[]> Tolerances =>
    [
        [new Func<double, ISampler>(Ode)],
        [new Func<double, ISampler>(tolerance => new DpmAdaptiveSampler { RelativeTolerance = tolerance, AbsoluteTolerance = tolerance, MaxEvaluations = 100_000 })],
    ];

    [TestMethod]
    [DynamicData(nameof(Tolerances))]
    public void Run_TighterTolerance_ErrorFallsWithIt(Func<double, ISampler> make)
    {
        double[] exact = Sample(Ode(1e-12), Exploding);
        double last = double.PositiveInfinity;
        foreach (double tolerance in new[] { 1e-2, 1e-4, 1e-6 })
        {
            double error = Sample(make(tolerance), Exploding).Zip(exact, (a, b) => Math.Abs(a - b)).Max();
            // A hundredth of the tolerance, and a tenth of the error at least; errors of steps add up to some tolerances.
            Assert.IsLessThan(last / 10, error);
            Assert.IsLessThan(30 * tolerance, error);
            last = error;
        }
    }

    [TestMethod]
    [DynamicData(nameof(Samplers))]
    public void Run_RowAlone_IsTheRowOfTheBatch(ISampler sampler)
    {
        using var start = Start(Exploding);
        using var all = Run(sampler, Exploding, ExactMixture.Denoiser, start, 0, Count);
        for (int row = 0; row < Count; row++)
        {
            using var one = start.narrow(0, row, 1).clone();
            using var alone = Run(sampler, Exploding, ExactMixture.Denoiser, one, row, 1);
            for (int i = 0; i < 2; i++)
                // The same arithmetic: no more than the last digits of matrix products may differ.
                Assert.AreEqual(all.data<double>()[2 * row + i], alone.data<double>()[i], 1e-12);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Samplers))]
    public void Run_AtOnceOrFailing_LeavesNoTensor(ISampler sampler)
    {
        using var start = Start(Exploding);
        TensorLeak.AssertNone(() => Run(sampler, Exploding, ExactMixture.Denoiser, start, 0, Count).Dispose());
        TensorLeak.AssertNone(() => Assert.ThrowsExactly<InvalidOperationException>(() => Run(sampler, Exploding, new BreakingDenoiser(7), start, 0, Count)));
    }

    [TestMethod]
    [DynamicData(nameof(Samplers))]
    public void Run_DenoiserAnswersNaN_NamesLevelAndEvaluation(ISampler sampler)
    {
        using var start = Start(Exploding);
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => Run(sampler, Exploding, new BreakingDenoiser(7), start, 0, Count));
        Assert.Contains("NaN or infinity at level (α 1, σ", e.Message);
        Assert.Contains("evaluation 7", e.Message);
    }

    [TestMethod]
    [DynamicData(nameof(Samplers))]
    public void Run_Cancelled_StopsBeforeTheNextEvaluation(ISampler sampler)
    {
        using var start = Start(Exploding);
        using var source = new CancellationTokenSource();
        int seen = 0;
        var progress = new Told(_ =>
        {
            if (++seen == 5)
                source.Cancel();
        });
        Assert.ThrowsExactly<OperationCanceledException>(() => sampler.Prepare(Exploding).Run(ExactMixture.Denoiser, start, Conditioning.None, Noise(0, Count), progress, source.Token));
        Assert.AreEqual(5, seen);
    }

    [TestMethod]
    public void Run_TooManyEvaluations_SaysWhatToChange()
    {
        using var start = Start(Exploding);
        foreach (ISampler sampler in new ISampler[] { new AdaptiveOdeSampler(new AdaptiveStepping { MaxEvaluations = 10 }), new DpmAdaptiveSampler { MaxEvaluations = 10 } })
        {
            var e = Assert.ThrowsExactly<InvalidOperationException>(() => Run(sampler, Exploding, ExactMixture.Denoiser, start, 0, Count));
            Assert.Contains("10 evaluations", e.Message);
            Assert.Contains("MaxEvaluations", e.Message);
        }
    }

    [TestMethod]
    public void Run_WholeBatch_NeighboursCount()
    {
        var sampler = new AdaptiveOdeSampler(new AdaptiveStepping { WholeBatch = true });
        using var start = Start(Exploding);
        using var one = start.narrow(0, 0, 1).clone();
        using var all = Run(sampler, Exploding, ExactMixture.Denoiser, start, 0, Count);
        using var alone = Run(sampler, Exploding, ExactMixture.Denoiser, one, 0, 1);
        Assert.AreNotEqual(all.data<double>()[0], alone.data<double>()[0]);
    }

    [TestMethod]
    public void Run_AnyPathBetweenTwoLevels_EndsAtTheSamePlace()
    {
        var schedule = new VpSchedule();
        var along = new TimeGrid(schedule, [1, 0.01]);
        var straight = new TimeGrid(schedule, [1, 0.01], [schedule.At(1), schedule.At(0.01)]);
        double[] curved = Sample(Ode(1e-10), along), direct = Sample(Ode(1e-10), straight);
        for (int i = 0; i < curved.Length; i++)
            // Two integrations of tolerance 1e-10.
            Assert.AreEqual(curved[i], direct[i], 1e-8);
    }

    public static IEnumerable<object[]> Schedules =>
        [[new EdmSchedule()], [new VpSchedule()], [new SubVpSchedule()], [new VeSchedule()], [new RectifiedFlowSchedule()], [new CosineSchedule(1000)]];

    [TestMethod]
    [DynamicData(nameof(Schedules))]
    public void Run_GridToCleanData_IsTheLimitOfManyDdimSteps(NoiseSchedule schedule)
    {
        var coarse = schedule.DefaultSpacing.Grid(schedule, 10);
        double[] sample = Sample(Ode(1e-8), coarse);
        var fine = new KarrasSpacing(7, schedule.RatioRange.Smallest, coarse.Levels[0].Alpha == 0 ? 1e3 : coarse.Levels[0].Ratio).Grid(new EdmSchedule(), 2000);
        using var start = Start(coarse);
        using var scaled = coarse.Levels[0].Alpha == 0 ? start * 1e3 : start / coarse.Levels[0].Alpha;
        using var limit = Run(KnownSolvers.Heun, fine, ExactMixture.Denoiser, scaled, 0, Count);
        double[] expected = [.. limit.data<double>()];
        for (int i = 0; i < sample.Length; i++)
            // Heun's error is 1e-5 here; pure noise stands for a ratio of 1e3, of which 1e-3 remains.
            Assert.AreEqual(expected[i], sample[i], coarse.Levels[0].Alpha == 0 ? 5e-3 : 1e-4);
    }

    [TestMethod]
    public void Run_DenoisingChain_AddsTheMeanOfAReverseStep()
    {
        var schedule = new VeSchedule();
        var grid = new TimeGrid(schedule, [1, 1e-3]);
        double[] plain = Sample(Ode(1e-8), grid), denoised = Sample(new AdaptiveOdeSampler(Stepping(1e-8), 1000), grid);
        var level = schedule.At(1e-3);
        using var x = tensor(plain, [Count, 2]);
        using var x0 = ExactMixture.Denoiser.Denoise(x, new StepContext(level), Conditioning.None).X0;
        double share = Math.Pow(schedule.Discretize(1e-3, 1000).Diffusion / level.Sigma, 2);
        for (int i = 0; i < plain.Length; i++)
            Assert.AreEqual(plain[i] + share * (x0.data<double>()[i] - plain[i]), denoised[i], 1e-12);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AdaptiveOdeSampler(denoisingChain: 1));
    }

    [TestMethod]
    public void Prepare_DpmFromPureNoise_IsRefused()
    {
        var grid = new TimeGrid(new RectifiedFlowSchedule(), [1, 0.5], [new NoiseLevel(0, 1), new NoiseLevel(0.5, 0.5)]);
        Assert.Contains("pure noise", Assert.ThrowsExactly<ArgumentException>(() => KnownSolvers.DpmAdaptive.Prepare(grid)).Message);
    }

    [TestMethod]
    public void Options_OutOfRange_NameTheValue()
    {
        Assert.AreEqual(4, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new DpmAdaptiveSampler { Order = 4 }).ActualValue);
        Assert.AreEqual(-1.0, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new DpmAdaptiveSampler { Eta = -1 }).ActualValue);
        Assert.AreEqual(0.0, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new DpmAdaptiveSampler { RelativeTolerance = 0 }).ActualValue);
        Assert.AreEqual(1.0, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AdaptiveStepping { RelativeTolerance = 1 }).ActualValue);
        Assert.AreEqual(0.0, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AdaptiveStepping { AbsoluteTolerance = 0 }).ActualValue);
        Assert.AreEqual(0, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AdaptiveStepping { MaxEvaluations = 0 }).ActualValue);
    }

    private static AdaptiveStepping Stepping(double tolerance) => new() { RelativeTolerance = tolerance, AbsoluteTolerance = tolerance };

    private static AdaptiveOdeSampler Ode(double tolerance) => new(Stepping(tolerance));

    private static double[] Sample(ISampler sampler, TimeGrid grid)
    {
        using var start = Start(grid);
        using var sample = Run(sampler, grid, ExactMixture.Denoiser, start, 0, Count);
        return [.. sample.data<double>()];
    }

    private static Tensor Run(ISampler sampler, TimeGrid grid, IDenoiser denoiser, Tensor start, int firstRow, int rows)
        => sampler.Prepare(grid).Run(denoiser, start, Conditioning.None, Noise(firstRow, rows));

    private static Tensor Start(TimeGrid grid)
    {
        using var like = ExactMixture.Rows(Count);
        return PlanRunner.DrawStart(grid, Noise(0, Count), like);
    }

    private static RowNoise Noise(int firstRow, int rows) => new(3, [.. Enumerable.Range(firstRow, rows).Select(row => new RowKey((ulong)row))]);

    private sealed class Told(Action<SamplingProgress> tell) : IProgress<SamplingProgress>
    {
        public void Report(SamplingProgress value) => tell(value);
    }

    // Answers NaN from some call on.
    private sealed class BreakingDenoiser(int call) : IDenoiser
    {
        private int _calls;

        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
            => ++_calls < call ? ExactMixture.Denoiser.Denoise(x, step, condition) : new Denoised(full_like(x, double.NaN));
    }
}
