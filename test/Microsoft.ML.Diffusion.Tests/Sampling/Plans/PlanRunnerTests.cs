using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class PlanRunnerTests
{
    private static readonly StochasticChurn Churn = new() { Amount = 3 };

    public static IEnumerable<object[]> Solvers =>
    [
        [KnownSolvers.DdpmAncestral], [KnownSolvers.Ddim], [new DdimSolver(0.5)], [KnownSolvers.Euler], [new EulerSolver(Churn)],
        [KnownSolvers.Heun], [new HeunSolver(0.5, Churn)], [KnownSolvers.DpmSolverPlusPlus2M],
        [new SinglestepDpmSolver(3, 1, 1, Churn)], [KnownSolvers.Lms], [KnownSolvers.DpmSolverPlusPlusSde], [KnownSolvers.DpmSolverPlusPlus3MSde], [KnownSolvers.RungeKutta4],
    ];

    [TestMethod]
    [DynamicData(nameof(Solvers))]
    public void Run_InPlace_EqualsPlainArithmeticAndLeavesNothing(ISolver solver)
    {
        var plan = solver.Plan(KnownSpacings.Karras.Grid(KnownSchedules.Edm, 6));
        using var like = ExactMixture.Rows(4);
        using var start = PlanRunner.DrawStart(plan.Grid, new ScatteredNoise(1), like);
        var before = start.data<double>().ToArray();
        var expected = Interpret(plan, start);
        TensorLeak.AssertNone(() =>
        {
            using var sample = PlanRunner.Run(plan, ExactMixture.Denoiser, start, Conditioning.None, new ScatteredNoise(1));
            var got = sample.data<double>().ToArray();
            for (int i = 0; i < got.Length; i++)
                // Another order of the same sums, at σ of 80.
                Assert.AreEqual(expected[i], got[i], 1e-10);
        });
        Assert.AreSequenceEqual(before, start.data<double>().ToArray());
    }

    [TestMethod]
    public void Run_StochasticPlan_DrawsItsNoiseFromDrawOneOn()
    {
        var noise = new ScatteredNoise(1);
        using var start = ExactMixture.Rows(2);
        PlanRunner.Run(KnownSolvers.DdpmAncestral.Plan(TimeGrid.FromRatios([3, 2, 1, 0])), ExactMixture.Denoiser, start, Conditioning.None, noise).Dispose();
        Assert.AreSequenceEqual(new[] { 1, 2 }, noise.Draws.ToArray());
    }

    [TestMethod]
    public void DrawStart_AnyPlan_IsDrawZeroAtTheScaleOfTheGrid()
    {
        var noise = new ScatteredNoise(1);
        using var like = zeros(3, 2);
        using var unit = new ScatteredNoise(1).Normal(0, like);
        using var start = PlanRunner.DrawStart(TimeGrid.FromRatios([3, 0]), noise, like);
        Assert.AreSequenceEqual(new[] { 0 }, noise.Draws.ToArray());
        Assert.AreEqual(float32, start.dtype);
        Assert.AreEqual(3 * unit[1, 1].item<float>(), start[1, 1].item<float>());
    }

    [TestMethod]
    public void Run_Progress_ReportsEachEvaluation()
    {
        var reports = new Reports();
        using var start = ExactMixture.Rows(2);
        PlanRunner.Run(KnownSolvers.Heun.Plan(TimeGrid.FromRatios([3, 1, 0])), ExactMixture.Denoiser, start, Conditioning.None, new ScatteredNoise(1), progress: reports).Dispose();
        SamplingProgress[] expected = [new(1, 3, new(1, 3)), new(2, 3, new(1, 1)), new(3, 3, new(1, 1))];
        Assert.AreSequenceEqual(expected, reports.All);
    }

    [TestMethod]
    public void Run_Cancelled_StopsBeforeTheNextEvaluationAndLeavesNothing()
    {
        var plan = KnownSolvers.DpmSolverPlusPlus2M.Plan(TimeGrid.FromRatios([4, 3, 2, 1, 0]));
        using var start = ExactMixture.Rows(2);
        TensorLeak.AssertNone(() =>
        {
            using var cancellation = new CancellationTokenSource();
            var reports = new Reports(report => { if (report.Evaluation == 2) cancellation.Cancel(); });
            Assert.ThrowsExactly<OperationCanceledException>(
                () => PlanRunner.Run(plan, ExactMixture.Denoiser, start, Conditioning.None, new ScatteredNoise(1), progress: reports, cancellationToken: cancellation.Token));
            Assert.HasCount(2, reports.All);
        });
    }

    [TestMethod]
    public void Run_DenoiserAnswersNaN_NamesTheFirstLevelAndLeavesNothing()
        => ExpectFailure(x => x * double.NaN, "NaN or infinity at level (α 1, σ 2), evaluation 2 of 3");

    [TestMethod]
    public void Run_DenoiserFails_PassesItOnAndLeavesNothing() => ExpectFailure(_ => throw new InvalidOperationException("broken"), "broken");

    [TestMethod]
    public void Run_DenoiserAnswersAnotherShape_SaysBoth() => ExpectFailure(x => zeros(x.size(0), 1, dtype: x.dtype), "[2, 1], expected the shape of its input, [2, 2]");

    [TestMethod]
    public void Run_DenoiserAnswersItsInput_IsRefused() => ExpectFailure(x => x, "fresh tensor");

    [TestMethod]
    public void Run_DenoiserOfAnotherPrecision_KeepsThatOfTheStart()
    {
        using var start = ones(2, 2, dtype: float64);
        TensorLeak.AssertNone(() =>
        {
            using var sample = PlanRunner.Run(KnownSolvers.Ddim.Plan(TimeGrid.FromRatios([3, 2, 0])), new Odd(1, x => x.to(float32)), start, Conditioning.None, new ScatteredNoise(1));
            Assert.AreEqual(float64, sample.dtype);
        });
    }

    [TestMethod]
    public void Run_Always_RecordsNoGradient()
    {
        using var start = ones(2, 2, dtype: float64, requires_grad: true);
        using var sample = PlanRunner.Run(KnownSolvers.Ddim.Plan(TimeGrid.FromRatios([3, 2, 0])), ExactMixture.Denoiser, start, Conditioning.None, new ScatteredNoise(1));
        Assert.IsFalse(sample.requires_grad);
    }

    [TestMethod]
    public void Run_StartWithoutRows_IsRefused()
    {
        using var start = zeros(3);
        var plan = KnownSolvers.Ddim.Plan(TimeGrid.FromRatios([1, 0]));
        Assert.Contains("1 dimensions", Assert.ThrowsExactly<ArgumentException>(() => PlanRunner.Run(plan, ExactMixture.Denoiser, start, Conditioning.None, new ScatteredNoise(1))).Message);
    }

    private static void ExpectFailure(Func<Tensor, Tensor> second, string words)
    {
        var plan = KnownSolvers.DpmSolverPlusPlus2M.Plan(TimeGrid.FromRatios([3, 2, 1, 0]));
        using var start = ExactMixture.Rows(2);
        TensorLeak.AssertNone(() =>
        {
            var exception = Assert.ThrowsExactly<InvalidOperationException>(() => PlanRunner.Run(plan, new Odd(1, second), start, Conditioning.None, new ScatteredNoise(1)));
            Assert.Contains(words, exception.Message);
        });
        Assert.AreEqual(0, start.sum().item<double>());
    }

    // The plan's meaning, register by register.
    private static double[] Interpret(SamplingPlan plan, Tensor start)
    {
        using var scope = NewDisposeScope();
        var noise = new ScatteredNoise(1);
        var registers = new Dictionary<Register, Tensor> { [Register.Start] = start };
        Tensor Value(Register register)
            => registers.TryGetValue(register, out var value) ? value : registers[register] = noise.Normal(register.Index + 1, start);
        foreach (var instruction in plan.Instructions)
            registers[instruction.Destination] = instruction switch
            {
                Combine combine => combine.Terms.Select(term => term.Coefficient * Value(term.Source)).Aggregate((left, right) => left + right),
                Evaluate evaluate => ExactMixture.Denoiser.Denoise(Value(evaluate.Source), new StepContext(evaluate.Level), Conditioning.None).X0,
                _ => throw new NotSupportedException(),
            };
        return Value(plan.Output).data<double>().ToArray();
    }

    private sealed class Reports(Action<SamplingProgress>? then = null) : IProgress<SamplingProgress>
    {
        public List<SamplingProgress> All { get; } = [];

        public void Report(SamplingProgress value)
        {
            All.Add(value);
            then?.Invoke(value);
        }
    }

    // Answers zeros, but one of its calls otherwise.
    private sealed class Odd(int call, Func<Tensor, Tensor> answer) : IDenoiser
    {
        private int _calls;

        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition) => new(_calls++ == call ? answer(x) : zeros_like(x));
    }
}
