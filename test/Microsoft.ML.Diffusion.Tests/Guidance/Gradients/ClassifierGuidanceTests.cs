using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class ClassifierGuidanceTests
{
    private static readonly ComponentMixture Mixture = ComponentMixture.Plane;
    private static readonly LinearClassifier Linear = new([0.9, -0.3, -0.5, 1.1, 0.2, 0.4], [0.1, -0.2, 0.3]);

    public static IEnumerable<object[]> Levels => GuidanceLab.Levels.Select(level => new object[] { level });

    [TestMethod]
    [DynamicData(nameof(Levels))]
    public void Denoise_ExactClassifierScaleOne_IsTheComponentsOwnDenoiser(NoiseLevel level)
    {
        using var scope = NewDisposeScope();
        var guidance = new ClassifierGuidance(Mixture);
        var x = GuidanceLab.Rows(6);
        var condition = GuidanceLab.With(Conditioning.None, guidance, [.. Enumerable.Range(0, 6).Select(row => new[] { double.NaN, row % 3 + 1 })]);
        var guided = GuidanceLab.Guide(guidance, Mixture.Whole, x, new StepContext(level), condition);
        for (int row = 0; row < 6; row++)
        {
            var expected = Mixture[row % 3 + 1].Denoise(x.narrow(0, row, 1), new StepContext(level), Conditioning.None).X0;
            // The gradient of the density is large at little noise: σ²/α brings its rounding back.
            GuidanceLab.AssertEqual(expected, guided.narrow(0, row, 1));
        }
    }

    [TestMethod]
    [DynamicData(nameof(Levels))]
    public void Denoise_AnyScale_MovesByTheScoresShareOfTheGradient(NoiseLevel level)
    {
        using var scope = NewDisposeScope();
        var guidance = new ClassifierGuidance(Linear, 2.5, label: 2);
        var x = GuidanceLab.Rows(5);
        var step = new StepContext(level);
        var shift = GuidanceLab.Guide(guidance, Mixture.Whole, x, step, Conditioning.None) - Mixture.Whole.Denoise(x, step, Conditioning.None).X0;
        var gradient = GuidanceLab.Differences(x, state => Linear.LogProbabilities(state, level).select(1, 1));
        // Differences of order 1e-5: errors of 1e-10, here times σ²/α.
        GuidanceLab.AssertEqual(gradient.Times(2.5 * level.Sigma * level.Sigma / level.Alpha), shift, 1e-8 / level.Alpha);
    }

    [TestMethod]
    [DataRow(ReverseVariance.Small)]
    [DataRow(ReverseVariance.Large)]
    [DataRow(ReverseVariance.Learned)]
    public void Shift_OfTheMean_MovesDdpmsStepByItsVarianceTimesTheGradient(ReverseVariance variance)
    {
        using var scope = NewDisposeScope();
        var grid = new TimeGrid(KnownSchedules.Vp, [1, 0.5], [new NoiseLevel(0.5, Math.Sqrt(0.75)), new(0.8, 0.6)]);
        var inner = new Learned(variance == ReverseVariance.Learned);
        var x = GuidanceLab.Rows(4);
        var guidance = new ClassifierGuidance(Linear, 3, label: 1) { Shift = KnownGuidanceShifts.Mean };
        var plan = new DdpmSolver(variance).Plan(grid);
        var moved = PlanRunner.Run(plan, guidance.Guide(inner), x, Conditioning.None, new ScatteredNoise(2)) - PlanRunner.Run(plan, inner, x, Conditioning.None, new ScatteredNoise(2));
        double share = grid.Levels[0].RenewedShare(grid.Levels[1]);
        var covariance = variance switch
        {
            ReverseVariance.Small => full_like(x, 0.36 * share),
            ReverseVariance.Large => full_like(x, 0.75 * share),
            _ => Learned.LogVariance(x).exp(),
        };
        var gradient = GuidanceLab.Differences(x, state => Linear.LogProbabilities(state, grid.Levels[0]).select(1, 0));
        GuidanceLab.AssertEqual(gradient.mul(covariance).Times(3), moved, 1e-8);
    }

    [TestMethod]
    [DataRow(0.3)]
    [DataRow(0.8)]
    [DataRow(1.0)]
    public void Shift_OfTheMean_MovesDdimsStepByItsVarianceTimesTheGradient(double eta)
    {
        using var scope = NewDisposeScope();
        var grid = new TimeGrid(KnownSchedules.Vp, [1, 0.5], [new NoiseLevel(0.5, Math.Sqrt(0.75)), new(0.8, 0.6)]);
        var x = GuidanceLab.Rows(4);
        var guidance = new ClassifierGuidance(Linear, label: 1) { Shift = KnownGuidanceShifts.Mean };
        var plan = new DdimSolver(eta).Plan(grid);
        double variance = plan.Instructions.OfType<Evaluate>().Single().NoiseVariance;
        var moved = PlanRunner.Run(plan, guidance.Guide(Mixture.Whole), x, Conditioning.None, new ScatteredNoise(2)) - PlanRunner.Run(plan, Mixture.Whole, x, Conditioning.None, new ScatteredNoise(2));
        var gradient = GuidanceLab.Differences(x, state => Linear.LogProbabilities(state, grid.Levels[0]).select(1, 0));
        GuidanceLab.AssertEqual(gradient.Times(variance), moved, 1e-8);
    }

    [TestMethod]
    public void Denoise_ScaleZeroOrNoLabel_IsThePlainAnswerAndAsksNoClassifier()
    {
        using var scope = NewDisposeScope();
        var classifier = new LinearClassifier([1, 0, 0, 1], [0, 0]);
        var x = GuidanceLab.Rows(4);
        var step = new StepContext(new NoiseLevel(1, 0.5));
        var plain = Mixture.Whole.Denoise(x, step, Conditioning.None).X0;
        Assert.AreEqual(0, Moments.Distance(plain, new ClassifierGuidance(classifier, 0, 1).Guide(Mixture.Whole).Denoise(x, step, Conditioning.None).X0));
        Assert.AreEqual(0, Moments.Distance(plain, new ClassifierGuidance(classifier, 2).Guide(Mixture.Whole).Denoise(x, step, Conditioning.None).X0));
        Assert.AreEqual(0, classifier.Calls);
    }

    [TestMethod]
    public void Denoise_MixedRows_EachHasItsOwnScaleAndLabel()
    {
        using var scope = NewDisposeScope();
        var guidance = new ClassifierGuidance(Mixture, 2, label: 3);
        var x = GuidanceLab.Rows(4);
        var step = new StepContext(new NoiseLevel(1, 0.5));
        var guided = GuidanceLab.Guide(guidance, Mixture.Whole, x, step, GuidanceLab.With(Conditioning.None, guidance, [0, 1], [1, 2], [5, double.NaN], [double.NaN, 1]));
        (double Scale, int Label)[] own = [(0, 1), (1, 2), (5, 3), (2, 1)];
        for (int row = 0; row < 4; row++)
            GuidanceLab.AssertEqual(
                new ClassifierGuidance(Mixture, own[row].Scale, own[row].Label).Guide(Mixture.Whole).Denoise(x.narrow(0, row, 1), step, Conditioning.None).X0, guided.narrow(0, row, 1));
        // Not guided: exactly the plain answer.
        Assert.AreEqual(0, Moments.Distance(Mixture.Whole.Denoise(x, step, Conditioning.None).X0.narrow(0, 0, 1), guided.narrow(0, 0, 1)));
    }

    [TestMethod]
    public void Denoise_LevelsOfRows_AreEachRowsOwn()
    {
        using var scope = NewDisposeScope();
        var guidance = new ClassifierGuidance(Mixture, 1, label: 2);
        var x = GuidanceLab.Rows(4);
        var guided = guidance.Guide(Mixture.Whole).Denoise(x, new StepContext(new NoiseLevels(GuidanceLab.Levels.ToArray())), Conditioning.None).X0;
        for (int row = 0; row < 4; row++)
            GuidanceLab.AssertEqual(Mixture[2].Denoise(x.narrow(0, row, 1), new StepContext(GuidanceLab.Levels[row]), Conditioning.None).X0, guided.narrow(0, row, 1));
    }

    [TestMethod]
    public void Run_GuidedByClass_SamplesAreThoseOfTheComponent()
    {
        using var scope = NewDisposeScope();
        var grid = KnownSpacings.Karras.Grid(KnownSchedules.Edm, 12);
        var start = PlanRunner.DrawStart(grid, new ScatteredNoise(4), GuidanceLab.Rows(8));
        var plan = KnownSolvers.DpmSolverPlusPlus2M.Plan(grid);
        var guided = PlanRunner.Run(plan, new ClassifierGuidance(Mixture, 1, label: 3).Guide(Mixture.Whole), start, Conditioning.None, new ScatteredNoise(4));
        var component = PlanRunner.Run(plan, Mixture[3], start, Conditioning.None, new ScatteredNoise(4));
        // x of 80 and gradients of 1e-2 there: rounding of 1e-14 times σ² of 6,400.
        GuidanceLab.AssertEqual(component, guided, 1e-8);
    }

    [TestMethod]
    public void Denoise_UnderGradients_TheInnerAnswerStaysDifferentiableAndTheShiftIsConstant()
    {
        using var scope = NewDisposeScope();
        var step = new StepContext(new NoiseLevel(1, 0.5));
        var x = GuidanceLab.Rows(3).requires_grad_();
        var guided = new ClassifierGuidance(Mixture, 1, label: 2).Guide(Mixture.Whole).Denoise(x, step, Conditioning.None).X0;
        var plain = Mixture.Whole.Denoise(x, step, Conditioning.None).X0;
        var (expected, actual) = (autograd.grad([plain.sum()], [x])[0], autograd.grad([guided.sum()], [x])[0]);
        GuidanceLab.AssertEqual(expected, actual);
    }

    [TestMethod]
    public void Denoise_Guided_LeavesNoTensorAndNoGradient()
    {
        using var x = GuidanceLab.Rows(3);
        using var noGrad = no_grad();
        var guided = new ClassifierGuidance(Linear, 1, label: 2).Guide(Mixture.Whole);
        TensorLeak.AssertNone(() =>
        {
            using var answer = guided.Denoise(x, new StepContext(new NoiseLevel(1, 0.5)), Conditioning.None).X0;
            Assert.IsFalse(answer.requires_grad);
        });
        Assert.IsFalse(x.requires_grad);
        Assert.IsFalse(is_grad_enabled());
    }

    [TestMethod]
    public void Denoise_MeanShiftOfAStepWithoutNoise_IsRefused()
    {
        using var x = GuidanceLab.Rows(2);
        var guided = new ClassifierGuidance(Linear, 1, label: 1) { Shift = KnownGuidanceShifts.Mean }.Guide(Mixture.Whole);
        var plan = KnownSolvers.Ddim.Plan(TimeGrid.FromRatios([1, 0.5, 0]));
        TensorLeak.AssertNone(() =>
        {
            Assert.Contains("adds no noise", Assert.ThrowsExactly<InvalidOperationException>(() => PlanRunner.Run(plan, guided, x, Conditioning.None, new ScatteredNoise(1))).Message);
            Assert.Contains("KnownGuidanceShifts.Score", Assert.ThrowsExactly<InvalidOperationException>(() => guided.Denoise(x, new StepContext(new NoiseLevel(1, 1)), Conditioning.None)).Message);
        });
    }

    [TestMethod]
    public void Denoise_PureNoise_IsNotGuided()
    {
        using var scope = NewDisposeScope();
        var x = GuidanceLab.Rows(2);
        var step = new StepContext(new NoiseLevel(0, 1));
        Assert.AreEqual(0, Moments.Distance(Mixture.Whole.Denoise(x, step, Conditioning.None).X0, new ClassifierGuidance(Linear, 1, 1).Guide(Mixture.Whole).Denoise(x, step, Conditioning.None).X0));
    }

    [TestMethod]
    public void Constructor_BadInput_SaysWhatWasGot()
    {
        Assert.Contains("1 to 3", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ClassifierGuidance(Linear, label: 4)).Message);
        Assert.Contains("finite", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ClassifierGuidance(Linear, double.NaN)).Message);
        Assert.ThrowsExactly<ArgumentNullException>(() => new ClassifierGuidance(null!));
    }

    [TestMethod]
    public void Denoise_LabelOutsideTheClasses_IsRefused()
    {
        using var scope = NewDisposeScope();
        var guidance = new ClassifierGuidance(Linear);
        var x = GuidanceLab.Rows(2);
        foreach (double label in new[] { 4, 1.5, -1 })
            Assert.Contains("'Label' of row 1: expected a class 1 to 3",
                Assert.ThrowsExactly<ArgumentException>(() => GuidanceLab.Guide(guidance, Mixture.Whole, x, new StepContext(new NoiseLevel(1, 1)), GuidanceLab.With(Conditioning.None, guidance, [1, 1], [1, label]))).Message);
    }

    /// <summary>The mixture's denoiser, which may have learned a variance.</summary>
    private sealed class Learned(bool learns) : IDenoiser
    {
        public static Tensor LogVariance(Tensor x) => x.tanh().Plus(-2);

        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition) => Mixture.Whole.Denoise(x, step, condition) with { LogVariance = learns ? LogVariance(x) : null };
    }
}
