using System.Collections.Concurrent;
using MathNet.Numerics;
using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class SolverLawTests
{
    private static readonly ConcurrentDictionary<string, double[]> References = new();

    private static readonly StochasticChurn Churn = new() { Amount = 20, RatioMin = 0.05, RatioMax = 50, NoiseScale = 1 };

    // Solver, grid: each with as many steps as it needs to be exact to a hundredth.
    public static IEnumerable<object[]> Runs =>
    [
        [new DdpmSolver(), KnownSpacings.Trailing.Grid(KnownSchedules.Linear, 250)],
        [new DdpmSolver(ReverseVariance.Large), KnownSpacings.Trailing.Grid(KnownSchedules.Linear, 500)],
        [new DdpmSolver(), KnownSpacings.Karras.Grid(KnownSchedules.Edm, 250)],
        [new DdimSolver(), KnownSpacings.Trailing.Grid(KnownSchedules.Cosine, 250)],
        [new DdimSolver(0.5), KnownSpacings.Leading.Grid(KnownSchedules.Cosine, 250)],
        [new EulerSolver(), KnownSpacings.Linspace.Grid(KnownSchedules.ScaledLinear, 250)],
        [new EulerSolver(Churn), KnownSpacings.Karras.Grid(KnownSchedules.Edm, 250)],
        [new HeunSolver(), KnownSpacings.Karras.Grid(KnownSchedules.Linear, 30)],
        [new HeunSolver(0.5, Churn), KnownSpacings.Karras.Grid(KnownSchedules.Edm, 100)],
        [new HeunSolver(), Flow(40, NoiseLevel.Clean)],
        [new MultistepDpmSolver(), KnownSpacings.Exponential.Grid(KnownSchedules.Edm, 40)],
        [new MultistepDpmSolver { Slope = SlopeRule.Exact }, KnownSpacings.Trailing.Grid(KnownSchedules.Linear, 50)],
        [new SinglestepDpmSolver(2, eta: 1), KnownSpacings.Exponential.Grid(KnownSchedules.Edm, 150)],
        [new SinglestepDpmSolver(3), KnownSpacings.Trailing.Grid(KnownSchedules.Linear, 30)],
        [new LmsSolver(), KnownSpacings.Karras.Grid(KnownSchedules.Edm, 40)],
        [new DpmSolverPlusPlus2SSolver(), Flow(40, NoiseLevel.Clean)],
        [new DpmSolverPlusPlus2SSolver(1), KnownSpacings.Exponential.Grid(KnownSchedules.Linear, 150)],
        [new DpmSolverPlusPlusSdeSolver(), KnownSpacings.Exponential.Grid(KnownSchedules.Edm, 150)],
        [new DpmSolverPlusPlusSdeSolver(0.6, stage: 1), Flow(200, NoiseLevel.Clean)],
        [new MultistepDpmSolver(eta: 1), KnownSpacings.Exponential.Grid(KnownSchedules.Edm, 150)],
        [new MultistepDpmSolver(3), KnownSpacings.Exponential.Grid(KnownSchedules.Linear, 40)],
        [new MultistepDpmSolver(3, 1), Flow(200, NoiseLevel.Clean)],
        [new MultistepDpmSolver(eta: 1) { Estimate = SolverEstimate.Epsilon }, KnownSpacings.Trailing.Grid(KnownSchedules.Linear, 250)],
        [new MultistepDpmSolver(3, 1) { Slope = SlopeRule.Exact, LowerOrderFinal = false }, KnownSpacings.Exponential.Grid(KnownSchedules.Edm, 150)],
        [new StageDpmSolver(3), KnownSpacings.Trailing.Grid(KnownSchedules.Linear, 60)],
        [new StageDpmSolver(2, 1) { Slope = SlopeRule.Exact }, KnownSpacings.Exponential.Grid(KnownSchedules.Edm, 300)],
        [new DeisSolver(3), KnownSpacings.Exponential.Grid(KnownSchedules.Linear, 40)],
        [new UniPcSolver(3), KnownSpacings.Exponential.Grid(KnownSchedules.Edm, 30)],
        [new UniPcSolver(2, UniPcVariant.Bh1) { Estimate = SolverEstimate.Epsilon }, KnownSpacings.Trailing.Grid(KnownSchedules.Cosine, 40)],
        [new PndmSolver(), KnownSpacings.Leading.Grid(KnownSchedules.Linear, 50)],
        [new PndmSolver(false), KnownSpacings.Leading.Grid(KnownSchedules.Cosine, 50)],
        [new RungeKuttaSolver(KnownTableaus.ThreeEighths), KnownSpacings.Karras.Grid(KnownSchedules.Edm, 30)],
    ];

    // A multistep solver starts with steps of low orders; on an eased grid these are so short that they do not show.
    public static IEnumerable<object[]> Orders
        => [.. from order in PlainOrders.Concat(ChoosyOrders) from kind in new[] { "ratios", "circle", "schedule" } select new object[] { order.Solver, order.Order, kind },
            .. from order in EasedOrders select new object[] { order.Solver, order.Order, "eased" }];

    private static IEnumerable<(ISolver Solver, double Order)> PlainOrders =>
    [
        (new DdimSolver(), 1), (new EulerSolver(), 1), (new HeunSolver(), 2), (new HeunSolver(0.5), 2), (new MultistepDpmSolver(), 2), (new MultistepDpmSolver { Slope = SlopeRule.Exact }, 2),
        (new SinglestepDpmSolver(1), 1), (new SinglestepDpmSolver(2), 2), (new SinglestepDpmSolver(3), 3), (new LmsSolver(1), 1), (new LmsSolver(2), 2), (new MultistepDpmSolver(3), 2),
        (new MultistepDpmSolver { Estimate = SolverEstimate.Epsilon }, 2), (new MultistepDpmSolver { Estimate = SolverEstimate.Epsilon, Slope = SlopeRule.Exact }, 2),
        (new MultistepDpmSolver(3) { Estimate = SolverEstimate.Epsilon }, 2), (new DeisSolver(), 2), (new UniPcSolver(2) { Corrects = false, LowerOrderFinal = false }, 2),
        (new DpmSolverPlusPlus2SSolver(), 2), (new DpmSolverPlusPlusSdeSolver(0), 2), (new DpmSolverPlusPlusSdeSolver(0, stage: 1), 2),
        (new RungeKuttaSolver(KnownTableaus.Euler), 1), (new RungeKuttaSolver(KnownTableaus.Midpoint), 2), (new RungeKuttaSolver(KnownTableaus.Heun3), 3),
        (new RungeKuttaSolver(KnownTableaus.Classic4), 4), (new RungeKuttaSolver(KnownTableaus.ThreeEighths), 4),
    ];

    private static IEnumerable<(ISolver Solver, double Order)> EasedOrders =>
    [
        (new LmsSolver(2), 2), (new LmsSolver(3), 3), (new LmsSolver(4), 4), (new DeisSolver(3), 3),
        (new UniPcSolver(1) { LowerOrderFinal = false }, 2), (new UniPcSolver(2) { LowerOrderFinal = false }, 3), (new UniPcSolver(3) { LowerOrderFinal = false }, 4),
        (new UniPcSolver(2, UniPcVariant.Bh1) { LowerOrderFinal = false }, 3), (new UniPcSolver(2) { Estimate = SolverEstimate.Epsilon, LowerOrderFinal = false }, 3),
        (new UniPcSolver(3) { Corrects = false, LowerOrderFinal = false }, 3),
    ];

    // These do not take every grid.
    private static IEnumerable<(ISolver Solver, double Order)> ChoosyOrders =>
    [
        (new StageDpmSolver { LowerOrderFinal = false }, 2), (new StageDpmSolver { Estimate = SolverEstimate.Epsilon, Slope = SlopeRule.Exact, LowerOrderFinal = false }, 2),
        (new StageDpmSolver(3) { LowerOrderFinal = false }, 3), (new StageDpmSolver(3) { Slope = SlopeRule.Exact, LowerOrderFinal = false }, 3),
        (new PndmSolver(), 2), (new PndmSolver(false), 2),
    ];

    public static IEnumerable<object[]> Deterministic => from solver in PlainOrders.Concat(EasedOrders).Select(order => order.Solver).Concat([new StageDpmSolver(), new StageDpmSolver(3) { Estimate = SolverEstimate.Epsilon }])
                                                         from grid in new[] { KnownSpacings.Karras.Grid(KnownSchedules.Edm, 7), KnownSpacings.Trailing.Grid(KnownSchedules.Cosine, 6), Flow(5, NoiseLevel.Clean), Smooth("circle", 5), Smooth("schedule", 8) }
                                                         select new object[] { solver, grid };

    public static IEnumerable<object[]> Solvers =>
        [[KnownSolvers.DdpmAncestral], [KnownSolvers.Ddim], [KnownSolvers.Euler], [KnownSolvers.Heun], [KnownSolvers.DpmSolverPlusPlus2M], [new DdpmSolver(ReverseVariance.Large)], [new EulerSolver(Churn)], [new HeunSolver(0.5)],
            [KnownSolvers.DpmSolver2], [KnownSolvers.DpmSolver2Ancestral], [KnownSolvers.DpmSolver3], [new LmsSolver(1)], [KnownSolvers.DpmSolverPlusPlus2S],
            [KnownSolvers.DpmSolverPlusPlus2SAncestral], [KnownSolvers.DpmSolverPlusPlusSde], [KnownSolvers.DpmSolverPlusPlus2MSde], [KnownSolvers.DpmSolverPlusPlus3M], [KnownSolvers.DpmSolverPlusPlus3MSde], [KnownSolvers.RungeKutta4]];

    // Those of a higher order refuse a single step.
    public static IEnumerable<object[]> OneStepSolvers => Solvers.Where(solver => solver[0] is not MultistepDpmSolver);

    [TestMethod]
    [DynamicData(nameof(Runs))]
    public void Run_ExactDenoiser_RecoversMeanAndCovariance(ISolver solver, TimeGrid grid)
    {
        const int Rows = 8_000;
        // Four standard errors of a moment of variables of variance 1, and a hundredth for the solver.
        double tolerance = 4 * Math.Sqrt(2.0 / Rows) + 0.01;
        using var like = ExactMixture.Rows(Rows);
        using var sample = Run(solver.Plan(grid), like, 11);
        double[] values = sample.data<double>().ToArray();
        double[] mean = [.. Enumerable.Range(0, 2).Select(i => Average(row => values[2 * row + i]))];
        for (int i = 0; i < 2; i++)
        {
            Assert.AreEqual(ExactMixture.Mean[i], mean[i], tolerance);
            for (int j = 0; j < 2; j++)
                Assert.AreEqual(ExactMixture.Covariance(i, j), Average(row => (values[2 * row + i] - mean[i]) * (values[2 * row + j] - mean[j])), tolerance);
        }

        static double Average(Func<int, double> value) => Enumerable.Range(0, Rows).Average(value);
    }

    [TestMethod]
    [DynamicData(nameof(Orders))]
    public void Run_FinerGrids_ConvergesWithItsOrder(ISolver solver, double order, string kind)
    {
        using var like = ExactMixture.Rows(8);
        using var reference = tensor(References.GetOrAdd(kind, Reference), [8, 2]);
        // Multiples of the orders, which some solvers want.
        int[] steps = [30, 60, 120, 240];
        double[] errors = [.. steps.Select(count =>
        {
            using var sample = Run(solver.Plan(Smooth(kind, count)), like, 5);
            using var error = (sample - reference).norm();
            return error.item<double>();
        })];
        double slope = Fit.Line([.. steps.Select(count => Math.Log(count))], [.. errors.Select(error => Math.Log(error))]).B;
        // The next term of the error still shows on grids so coarse.
        Assert.AreEqual(-order, slope, 0.3, $"errors {string.Join(", ", errors)}");
    }

    [TestMethod]
    [DynamicData(nameof(Solvers))]
    public void Plan_StartAtPureNoise_GivesSamplesOfTheMixture(ISolver solver)
    {
        using var like = ExactMixture.Rows(4000);
        using var sample = Run(solver.Plan(Flow(60, NoiseLevel.Clean)), like, 3);
        using var mean = sample.mean([0L]);
        // Four standard errors, and a tenth for 60 steps of solvers of order 1.
        for (int i = 0; i < 2; i++)
            Assert.AreEqual(ExactMixture.Mean[i], mean[i].item<double>(), 4 / Math.Sqrt(4000) + 0.1);
    }

    [TestMethod]
    [DynamicData(nameof(OneStepSolvers))]
    public void Plan_SingleStep_IsTheDenoisersAnswer(ISolver solver)
    {
        foreach (var grid in new[] { Flow(1, NoiseLevel.Clean), KnownSpacings.Karras.Grid(KnownSchedules.Linear, 1), KnownSpacings.Trailing.Grid(KnownSchedules.Cosine, 1) })
        {
            using var like = ExactMixture.Rows(3);
            var plan = solver.Plan(grid);
            using var start = PlanRunner.DrawStart(plan.Grid, new ScatteredNoise(2), like);
            using var sample = PlanRunner.Run(plan, ExactMixture.Denoiser, start, Conditioning.None, new ScatteredNoise(2));
            // Churn moves the start; its answer from so much noise is the same to a hundredth.
            using var answer = ExactMixture.Denoiser.Denoise(start, new StepContext(grid.Levels[0]), Conditioning.None).X0;
            using var distance = (sample - answer).abs().max();
            Assert.AreEqual(0, distance.item<double>(), solver is EulerSolver { Churn: not null } ? 0.05 : 1e-12);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Deterministic))]
    public void Plan_PointMass_EndsWhereTheExactFlowDoes(ISolver solver, TimeGrid grid)
    {
        using var like = ExactMixture.Rows(3);
        using var start = PlanRunner.DrawStart(grid, new ScatteredNoise(4), like);
        using var sample = PlanRunner.Run(solver.Plan(grid), new PointMass(), start, Conditioning.None, new ScatteredNoise(4));
        double[] before = start.data<double>().ToArray(), after = sample.data<double>().ToArray();
        var (first, last) = (grid.Levels[0], grid.Levels[^1]);
        for (int i = 0; i < after.Length; i++)
        {
            // x = α·c + σ·ε with the same ε throughout; rounding at σ of 80, and of differences of λ.
            double expected = last.Alpha * PointMass.Place + last.Sigma / first.Sigma * (before[i] - first.Alpha * PointMass.Place);
            bool exact = solver is not RungeKuttaSolver and not HeunSolver and not EulerSolver || !grid.FollowsSchedule;
            // A curved path is followed with the solver's error: of order 1 or more in steps of a sixth of the way.
            Assert.AreEqual(expected, after[i], exact ? 1e-11 : 0.3);
        }
    }

    [TestMethod]
    public void Plan_NoNoise_IsTheDeterministicTwin()
    {
        foreach (var grid in new[] { KnownSpacings.Karras.Grid(KnownSchedules.Edm, 20), KnownSpacings.Trailing.Grid(KnownSchedules.Cosine, 20), Smooth("circle", 20) })
        {
            // The SDE solver of stage 1/2 and the 2S method ask in the same places; order 1 of the others is DDIM.
            AssertEqual(new DpmSolverPlusPlusSdeSolver(0), new DpmSolverPlusPlus2SSolver(), grid);
            AssertEqual(new SinglestepDpmSolver(1), new DdimSolver(), grid);
            foreach (var first in new ISolver[] { new LmsSolver(1), new MultistepDpmSolver(1), new MultistepDpmSolver(1) { Estimate = SolverEstimate.Epsilon }, new StageDpmSolver(1), new DeisSolver(1), new UniPcSolver(1) { Corrects = false } })
                AssertEqual(first, new DdimSolver(), grid);
            // The same polynomial integrated in the same way.
            AssertEqual(new DeisSolver(), new MultistepDpmSolver { Estimate = SolverEstimate.Epsilon, Slope = SlopeRule.Exact }, grid);
            AssertEqual(new MultistepDpmSolver { LowerOrderFinal = false }, new UniPcSolver { Corrects = false, LowerOrderFinal = false }, grid);
            AssertEqual(new UniPcSolver { Uncorrected = [.. Enumerable.Range(0, 20)] }, new UniPcSolver { Corrects = false }, grid);
            AssertEqual(new SinglestepDpmSolver(1, 1), new DdimSolver(1), TimeGrid.FromRatios([9, 3, 1, 0]));
            AssertEqual(new RungeKuttaSolver(KnownTableaus.Heun), new HeunSolver(), grid);
        }
    }

    [TestMethod]
    public void Plan_FirstOrderSdeWithEtaOne_IsDdpm()
    {
        AssertEqual(new MultistepDpmSolver(1, eta: 1), new DdpmSolver(), TimeGrid.FromRatios([9, 3]));
        AssertEqual(new MultistepDpmSolver(1, eta: 1), new DdpmSolver(), KnownSpacings.Trailing.Grid(KnownSchedules.Cosine, 20));
    }

    [TestMethod]
    public void Plan_ConsistencyWithoutBoundary_IsDdimWithAllNoiseRenewed()
        => AssertEqual(KnownSolvers.Consistency, new DdimSolver(double.PositiveInfinity), KnownSpacings.Trailing.Grid(KnownSchedules.Cosine, 5));

    [TestMethod]
    public void Plan_BudgetOfEvaluations_IsSpentExactly()
    {
        for (int budget = 6; budget <= 18; budget++)
            Assert.AreEqual(budget, new SinglestepDpmSolver(3) { Evaluations = budget }.Plan(Smooth("ratios", 6)).Evaluations);
        Assert.Contains("6 to 16", Assert.ThrowsExactly<ArgumentException>(() => new SinglestepDpmSolver(3) { Evaluations = 17 }.Plan(KnownSpacings.Karras.Grid(KnownSchedules.Edm, 6))).Message);
        Assert.Contains("5 were asked for", Assert.ThrowsExactly<ArgumentException>(() => new SinglestepDpmSolver(3) { Evaluations = 5 }.Plan(Smooth("ratios", 6))).Message);
    }

    [TestMethod]
    public void Plan_DdimWithFullNoise_IsDdpmCoefficientByCoefficient()
    {
        foreach (var grid in new[] { KnownSpacings.Trailing.Grid(KnownSchedules.Linear, 1000), KnownSpacings.Leading.Grid(KnownSchedules.Cosine, 40), KnownSpacings.Karras.Grid(KnownSchedules.Edm, 40), Flow(20, NoiseLevel.Clean) })
        {
            var ddim = new DdimSolver(1).Plan(grid).Instructions.OfType<Combine>().ToArray();
            var ddpm = new DdpmSolver().Plan(grid).Instructions.OfType<Combine>().ToArray();
            Assert.HasCount(ddpm.Length, ddim);
            for (int i = 0; i < ddpm.Length; i++)
            {
                var expected = ddpm[i].Terms.ToDictionary(term => term.Source, term => term.Coefficient);
                var actual = ddim[i].Terms.ToDictionary(term => term.Source, term => term.Coefficient);
                foreach (var source in expected.Keys.Union(actual.Keys))
                    // Rounding of differences of coefficients of size 1.
                    Assert.AreEqual(expected.GetValueOrDefault(source), actual.GetValueOrDefault(source), 1e-12, $"{source} in {ddim[i]}");
            }
        }
    }

    [TestMethod]
    public void Plan_EulerOnLevels_IsDdim()
    {
        foreach (var grid in new[] { KnownSpacings.Trailing.Grid(KnownSchedules.Linear, 30), KnownSpacings.Karras.Grid(KnownSchedules.Edm, 30), Flow(10, NoiseLevel.Clean) })
        {
            using var like = ExactMixture.Rows(5);
            using var euler = Run(KnownSolvers.Euler.Plan(grid), like, 1);
            using var ddim = Run(KnownSolvers.Ddim.Plan(grid), like, 1);
            using var distance = (euler - ddim).abs().max();
            // Another order of the same sums, at σ of 80.
            Assert.AreEqual(0, distance.item<double>(), 1e-11);
        }
    }

    [TestMethod]
    public void Constructor_IllegalValue_SaysWhatWasGotAndWhatIsAccepted()
    {
        Assert.Contains("-0.5", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new DdimSolver(-0.5)).Message);
        Assert.Contains("[0, ∞]", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new MultistepDpmSolver(3, double.NaN)).Message);
        Assert.Contains("[0, ∞)", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new DdimSolver(1, -1)).Message);
        Assert.Contains("η = 0", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new MultistepDpmSolver(noiseScale: 1.01)).Message);
        Assert.Contains("1 … 4", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LmsSolver(5)).Message);
        Assert.Contains("1 … 3", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SinglestepDpmSolver(0)).Message);
        Assert.Contains("at least 1", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SinglestepDpmSolver { Evaluations = 0 }).Message);
        Assert.Contains("(0, 1]", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new DpmSolverPlusPlusSdeSolver(stage: 1.5)).Message);
        Assert.Contains("Row 1", Assert.ThrowsExactly<ArgumentException>(() => new ButcherTableau([[], []], [0.5, 0.5])).Message);
        Assert.Contains("Row 1", Assert.ThrowsExactly<ArgumentException>(() => new ButcherTableau([[], [double.NaN]], [0.5, 0.5])).Message);
        Assert.Contains("sum of 1", Assert.ThrowsExactly<ArgumentException>(() => new ButcherTableau([[], [1]], [0.5, 0.6])).Message);
        Assert.Contains("at least one", Assert.ThrowsExactly<ArgumentException>(() => new ButcherTableau([], [])).Message);
        Assert.Contains("(0, 1]", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new HeunSolver(0)).Message);
        Assert.Contains("-1", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new StochasticChurn { Amount = -1 }).Message);
        Assert.Contains("NaN", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new StochasticChurn { RatioMin = double.NaN }).Message);
        Assert.Contains("-2", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new StochasticChurn { RatioMax = -2 }).Message);
        Assert.Contains("positive", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new StochasticChurn { NoiseScale = 0 }).Message);
    }

    // 4 times finer than the finest grid in the test, of order 4: its error does not show.
    private static double[] Reference(string kind)
    {
        using var like = ExactMixture.Rows(8);
        using var sample = Run(KnownSolvers.RungeKutta4.Plan(Smooth(kind, 1024)), like, 5);
        return sample.data<double>().ToArray();
    }

    private static void AssertEqual(ISolver solver, ISolver twin, TimeGrid grid)
    {
        using var like = ExactMixture.Rows(5);
        using var first = Run(solver.Plan(grid), like, 1);
        using var second = Run(twin.Plan(grid), like, 1);
        double[] got = first.data<double>().ToArray(), expected = second.data<double>().ToArray();
        for (int i = 0; i < got.Length; i++)
            // Another order of the same sums, at σ of 80.
            Assert.AreEqual(expected[i], got[i], 1e-11, $"{solver.GetType().Name} and {twin.GetType().Name}");
    }

    private static Tensor Run(SamplingPlan plan, Tensor like, int seed)
    {
        using var start = PlanRunner.DrawStart(plan.Grid, new ScatteredNoise(seed), like);
        return PlanRunner.Run(plan, ExactMixture.Denoiser, start, Conditioning.None, new ScatteredNoise(seed));
    }

    // Rectified flow: levels (1 − t, t) from pure noise.
    private static TimeGrid Flow(int steps, NoiseLevel end)
    {
        var times = Enumerable.Range(0, steps + 1).Select(i => 1 - (double)i / steps).ToArray();
        return new TimeGrid(KnownSchedules.Edm, times, [.. times.Select((t, i) => i == steps ? end : new NoiseLevel(1 - t, t))]);
    }

    // Grids that halve their steps as their number doubles, and end above clean data, where an order is defined.
    private static TimeGrid Smooth(string kind, int steps)
    {
        double Fraction(int i) => (double)i / steps;
        double Ratio(double fraction) => Math.Pow(Math.Pow(8, 1 / 3.0) + fraction * (Math.Pow(0.1, 1 / 3.0) - Math.Pow(8, 1 / 3.0)), 3);
        double Angle(int i) => 1.45 + Fraction(i) * (0.1 - 1.45);
        var points = Enumerable.Range(0, steps + 1).ToArray();
        return kind switch
        {
            "ratios" => TimeGrid.FromRatios([.. points.Select(i => Ratio(Fraction(i)))]),
            // The first steps are as short as the squares of the others.
            "eased" => TimeGrid.FromRatios([.. points.Select(i => Ratio(Fraction(i) * Fraction(i)))]),
            "circle" => new TimeGrid(KnownSchedules.Cosine, [.. points.Select(Angle)], [.. points.Select(i => new NoiseLevel(Math.Cos(Angle(i)), Math.Sin(Angle(i))))]),
            _ => new TimeGrid(new CircleSchedule(), [.. points.Select(i => Angle(i) / 1.5)]),
        };
    }

    // α = cos(1.5·t), σ = sin(1.5·t), followed by its own derivatives.
    private sealed class CircleSchedule : NoiseSchedule
    {
        public override (double Smallest, double Largest) RatioRange => (0.01, 10);

        public override TimeSpacing DefaultSpacing => KnownSpacings.Linspace;

        public override NoiseLevel At(double t) => new(Math.Cos(1.5 * t), Math.Sin(1.5 * t));

        public override LevelDerivative DerivativeAt(double t) => new(-1.5 * Math.Sin(1.5 * t), 1.5 * Math.Cos(1.5 * t));

        public override double TimeOf(double logSnr) => Math.Atan(Math.Exp(-logSnr / 2)) / 1.5;
    }

    // All data in one place.
    private sealed class PointMass : IDenoiser
    {
        public const double Place = 0.7;

        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition) => new(tensor([.. Enumerable.Repeat(Place, (int)x.numel())], x.shape));
    }
}
