using MathNet.Numerics;
using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class MultistepSolverTests
{
    private static readonly TimeGrid Short = TimeGrid.FromRatios([3, 1, 0]);

    private static readonly TimeGrid Pure = KnownSpacings.Trailing.Grid(KnownSchedules.RectifiedFlow, 8);

    public static IEnumerable<object[]> Costs =>
    [
        // Solver, evaluations of 8 steps, draws.
        [KnownSolvers.Deis, 8, 0], [KnownSolvers.UniPc, 8, 0], [KnownSolvers.UniPc3, 8, 0], [KnownSolvers.DpmSolverPlusPlusOnGrid, 8, 0],
        // Three steps with four evaluations; one with two.
        [KnownSolvers.Pndm, 17, 0], [KnownSolvers.Plms, 9, 0],
        // None for the step that ends clean.
        [KnownSolvers.Consistency, 8, 7], [KnownSolvers.LatentConsistency, 8, 7], [KnownSolvers.DdpmLearnedVariance, 8, 7], [new StageDpmSolver(3, 1), 8, 7],
    ];

    [TestMethod]
    [DynamicData(nameof(Costs))]
    public void Plan_EightSteps_KnowsItsCost(ISolver solver, int evaluations, int draws)
    {
        var plan = solver.Plan(KnownSpacings.Karras.Grid(KnownSchedules.Edm, 8));
        Assert.AreEqual(evaluations, plan.Evaluations);
        Assert.AreEqual(draws, plan.CountOf(RegisterKind.Noise));
    }

    [TestMethod]
    public void Plan_OrderAboveSteps_StartsAtOrderOne()
    {
        foreach (var solver in new ISolver[] { new MultistepDpmSolver(3), new DeisSolver(3), new UniPcSolver(3), new StageDpmSolver(3), KnownSolvers.Lms })
        {
            Assert.AreEqual(2, solver.Plan(Short).Evaluations);
            // One step, here to clean data, is DDIM's.
            AssertSame(KnownSolvers.Ddim.Plan(Short.Slice(1, 2)), solver.Plan(Short.Slice(1, 2)));
            // The step from pure noise has no slope to give to the ones after it.
            Assert.AreEqual(3, solver.Plan(KnownSpacings.Trailing.Grid(KnownSchedules.RectifiedFlow, 3)).Evaluations);
        }
        AssertSame(KnownSolvers.Ddim.Plan(Short.Slice(0, 1)), KnownSolvers.Plms.Plan(Short.Slice(0, 1)));
        AssertSame(KnownSolvers.Ddim.Plan(Short.Slice(1, 2)), KnownSolvers.Pndm.Plan(Short.Slice(1, 2)));
        Assert.AreEqual(3, KnownSolvers.Plms.Plan(Short).Evaluations);
        // A Runge–Kutta step of four, and one of Adams and Bashforth to clean data.
        Assert.AreEqual(5, KnownSolvers.Pndm.Plan(Short).Evaluations);

        static void AssertSame(SamplingPlan expected, SamplingPlan actual)
        {
            Assert.AreEqual(expected.Evaluations, actual.Evaluations);
            Assert.AreEqual(PlanProbe.Run(expected), PlanProbe.Run(actual), 1e-12);
        }
    }

    [TestMethod]
    public void Plan_StagesThatDoNotFillTheRun_LastStepsAreOfLowerOrder()
        => Assert.AreEqual(8, new StageDpmSolver(3) { LowerOrderFinal = false }.Plan(KnownSpacings.Karras.Grid(KnownSchedules.Edm, 8)).Evaluations);

    [TestMethod]
    public void Plan_UnfitGrid_SaysWhy()
    {
        Assert.Contains("pure noise", Assert.ThrowsExactly<ArgumentException>(() => KnownSolvers.Pndm.Plan(Pure)).Message);
        // On ε̂, all of the noise at infinite σ/α would have to be renewed.
        Assert.Contains("not finite", Assert.ThrowsExactly<InvalidOperationException>(() => new MultistepDpmSolver(eta: 1) { Estimate = SolverEstimate.Epsilon }.Plan(Pure)).Message);
    }

    [TestMethod]
    public void Constructor_IllegalValue_SaysWhatWasGotAndWhatIsAccepted()
    {
        foreach (int order in new[] { 0, 4 })
            foreach (var create in new Func<ISolver>[] { () => new MultistepDpmSolver(order), () => new StageDpmSolver(order), () => new DeisSolver(order), () => new UniPcSolver(order) })
            {
                string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(create).Message;
                Assert.Contains("1 … 3", message);
                Assert.Contains($"{order}", message);
            }
        Assert.Contains("η = 0", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new StageDpmSolver(noiseScale: 1.1)).Message);
        Assert.Contains("-2", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new UniPcSolver { Uncorrected = [1, -2] }).Message);
        Assert.Contains("Bh1", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new UniPcSolver(2, (UniPcVariant)7)).Message);
        Assert.Contains("Learned", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new DdpmSolver((ReverseVariance)7)).Message);
        Assert.Contains("X0", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new MultistepDpmSolver { Estimate = (SolverEstimate)7 }).Message);
        Assert.Contains("Midpoint", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new StageDpmSolver { Slope = (SlopeRule)7 }).Message);
        Assert.Contains("[0, ∞)", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ConsistencySolver(ratioMin: -1)).Message);
        Assert.Contains("positive", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ConsistencyBoundary(0)).Message);
        Assert.Contains("positive", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ConsistencyBoundary(timeScale: double.NaN)).Message);
    }

    [TestMethod]
    public void Run_PndmOnEvenRatios_HasOrderFour()
    {
        double[] exact = Sample(KnownSolvers.RungeKutta4, Even(1280));
        int[] steps = [20, 40, 80, 160];
        double[] errors = [.. steps.Select(count => Distance.Euclidean(Sample(KnownSolvers.Pndm, Even(count)), exact))];
        double slope = Fit.Line([.. steps.Select(count => Math.Log(count))], [.. errors.Select(error => Math.Log(error))]).B;
        // The next term of the error still shows on grids so coarse.
        Assert.AreEqual(-4, slope, 0.35, $"errors {string.Join(", ", errors)}");

        static TimeGrid Even(int steps) => TimeGrid.FromRatios([.. Enumerable.Range(0, steps + 1).Select(i => 3 + (0.5 - 3) * i / steps)]);
    }

    [TestMethod]
    public void Run_LearnedVariance_IsWhatTheDenoiserSays()
    {
        var grid = KnownSpacings.Trailing.Grid(KnownSchedules.Linear, 6);
        var large = new DdpmSolver(ReverseVariance.Large).Plan(grid);
        var learned = KnownSolvers.DdpmLearnedVariance.Plan(grid);
        Assert.IsTrue(learned.NeedsLearnedVariance);
        Assert.IsFalse(large.NeedsLearnedVariance);
        double[] variances = [.. large.Instructions.OfType<Evaluate>().Select(evaluate => evaluate.NoiseVariance)];
        double[] expected = Sample(large, ExactMixture.Denoiser), actual = Sample(learned, new LearnedVariance(variances));
        for (int i = 0; i < expected.Length; i++)
            // The logarithm and back.
            Assert.AreEqual(expected[i], actual[i], 1e-12);
    }

    [TestMethod]
    public void Apply_ConsistencyBoundary_IsTheIdentityAtTimeZeroAndTheAnswerFarOff()
    {
        var trace = new PlanTracer(Short);
        var (x, x0) = (trace.Noise(), trace.Noise());
        var boundary = new ConsistencyBoundary(0.5, 10);
        var near = boundary.Apply(0, x, x0).Terms.ToArray();
        Assert.AreEqual(new PlanTerm(x.Terms[0].Source, 1), near.Single());
        var terms = boundary.Apply(0.05, x, x0).Terms.ToArray();
        // s = 0.5 = σ_data: σ²/(2σ²) and 1/√2.
        Assert.AreEqual(0.5, terms[0].Coefficient, 1e-15);
        Assert.AreEqual(Math.Sqrt(0.5), terms[1].Coefficient, 1e-15);
    }

    private static double[] Sample(ISolver solver, TimeGrid grid) => Sample(solver.Plan(grid), ExactMixture.Denoiser);

    private static double[] Sample(SamplingPlan plan, IDenoiser denoiser)
    {
        using var like = ExactMixture.Rows(6);
        using var start = PlanRunner.DrawStart(plan.Grid, new ScatteredNoise(2), like);
        using var sample = PlanRunner.Run(plan, denoiser, start, Conditioning.None, new ScatteredNoise(2));
        return sample.data<double>().ToArray();
    }

    // The exact denoiser, with a variance for each of its calls.
    private sealed class LearnedVariance(double[] variances) : IDenoiser
    {
        private int _calls;

        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
            => ExactMixture.Denoiser.Denoise(x, step, condition) with { LogVariance = full_like(x, Math.Log(Math.Max(variances[_calls++], 1e-300))) };
    }
}
