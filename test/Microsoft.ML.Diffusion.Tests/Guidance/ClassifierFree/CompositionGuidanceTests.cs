using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class CompositionGuidanceTests
{
    // Without conditions N(0, 1) in each place; class 1 and 2 narrow different directions.
    private static readonly double[] PriorVariances = [1, 1];
    private static readonly (double[] Mean, double[] Variances)[] Classes = [([0.6, 0], [0.2, 0.9]), ([0.2, -0.5], [0.8, 0.25])];
    private static readonly Gaussians Model = new();

    [TestMethod]
    public void Denoise_AnyWeights_AreTheFormulaInOneCall()
    {
        using var scope = NewDisposeScope();
        var mixture = ComponentMixture.Plane;
        var guidance = new CompositionGuidance([new ConditionTerm("a", ["Class"], 1.5), new ConditionTerm("b", ["Class"], -0.5)]);
        var x = GuidanceLab.Rows(3);
        var step = new StepContext(new NoiseLevel(1, 0.7));
        // weight; weight and class of a; weight and class of b.
        var condition = GuidanceLab.With(mixture.Rows(1, 2, 3), guidance, [double.NaN, double.NaN, 2, double.NaN, 3], [0.5, 2, 0, -1, 1], [1, 0, 1, 0, double.NaN]);
        mixture.Batches.Clear();
        var answer = GuidanceLab.Guide(guidance, mixture, x, step, condition);
        Assert.AreSequenceEqual([12L], mixture.Batches);
        var none = mixture.Whole.Denoise(x, step, Conditioning.None).X0;
        Tensor Toward(int k) => mixture[k].Denoise(x, step, Conditioning.None).X0 - none;
        Tensor[] expected = [
            none[0] + Toward(1)[0] + Toward(2)[0].Times(1.5) - Toward(3)[0].Times(0.5),
            // A term without a value is none.
            none[1] + Toward(2)[1].Times(0.5) - Toward(1)[1],
            none[2] + Toward(3)[2]];
        for (int row = 0; row < 3; row++)
            GuidanceLab.AssertEqual(expected[row], answer[row]);
    }

    [TestMethod]
    public void Run_ProductWithMala_HasTheMomentsOfTheProductWhereAncestralSamplingHasNot()
    {
        // p(x)·Π p(x | c)/p(x) of Gaussians: precisions add.
        double[] precision = [.. Enumerable.Range(0, 2).Select(i => Classes.Sum(c => 1 / c.Variances[i]) - 1 / PriorVariances[i])];
        double[] mean = [.. Enumerable.Range(0, 2).Select(i => Classes.Sum(c => c.Mean[i] / c.Variances[i]) / precision[i])];
        using var scope = NewDisposeScope();
        const int Rows = 2_000;
        var guidance = new CompositionGuidance([new ConditionTerm("second", ["Class"])]);
        var condition = GuidanceLab.With(Model.Rows(Rows, 1), guidance, [.. Enumerable.Repeat<double[]>([1, 1, 2], Rows)]);
        var guided = guidance.Guide(Model, 1);
        var grid = KnownSpacings.Karras.Grid(KnownSchedules.Edm, 24);
        var start = PlanRunner.DrawStart(grid, new ScatteredNoise(5), zeros(Rows, 2, dtype: float64));
        var corrected = new AnnealedMcmcSampler(KnownKernels.Mala(0.4), 6).Prepare(grid).Run(guided, start, condition, new ScatteredNoise(5));
        var ancestral = PlanRunner.Run(KnownSolvers.DdpmAncestral.Plan(grid), guided, start, condition, new ScatteredNoise(5));
        // Four standard errors, and what a chain of six steps at each of 24 levels leaves.
        Assert.IsLessThan(Moments.FourErrors(Rows) + 0.02, Error(corrected));
        Assert.IsGreaterThan(Error(corrected), Error(ancestral));

        double Error(Tensor sample)
        {
            double[] means = sample.mean([0]).data<double>().ToArray(), variances = sample.var(0).data<double>().ToArray();
            return Enumerable.Range(0, 2).Max(i => Math.Max(Math.Abs(means[i] - mean[i]), Math.Abs(variances[i] - 1 / precision[i])));
        }
    }

    [TestMethod]
    public void Denoise_Composed_LeavesNoTensor()
    {
        using var denoiser = TestNetworks.Denoiser(new ResidualMlp { Width = 8 }, new DataShape(5));
        var guidance = new CompositionGuidance([new ConditionTerm("a", ["Class"]), new ConditionTerm("b", ["Class", "Vector"], -1)]);
        var layout = TestNetworks.Layout.Append(guidance.InputsFor(new DataShape(5), TestNetworks.Layout));
        using var own = TestNetworks.Conditions(3).Packed;
        using var inputs = ones(3, layout.Width - 4);
        using var packed = cat([own, inputs], 1);
        using var x = TestNetworks.Rows(new DataShape(5), 3);
        TensorLeak.AssertNone(() => guidance.Guide(denoiser, 2).Denoise(x, new StepContext(new NoiseLevel(1, 1)), new Conditioning(layout, packed)).X0.Dispose());
    }

    [TestMethod]
    public void Constructor_BadInput_SaysWhatWasGot()
    {
        Assert.ThrowsExactly<ArgumentException>(() => new CompositionGuidance([]));
        Assert.Contains("name of its own", Assert.ThrowsExactly<ArgumentException>(() => new CompositionGuidance([new ConditionTerm("a", ["Class"]), new ConditionTerm("a", ["Class"])])).Message);
        Assert.Contains("at least one condition", Assert.ThrowsExactly<ArgumentException>(() => new ConditionTerm("a", [])).Message);
        Assert.Contains("'Text'", Assert.ThrowsExactly<ArgumentException>(() => new CompositionGuidance([new ConditionTerm("a", ["Text"])]).InputsFor(new DataShape(2), TestNetworks.Layout)).Message);
    }

    private sealed class Gaussians : IDenoiser
    {
        private readonly IDenoiser[] _denoisers = [Of([0, 0], PriorVariances), .. Classes.Select(c => Of(c.Mean, c.Variances))];

        public ConditionLayout Layout { get; } = new([new ClassCondition("Class", 2)]);

        public Conditioning Rows(int rows, int value) => new(Layout, full(rows, 1, value));

        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
        {
            using var scope = NewDisposeScope();
            var classes = condition.Slot(0);
            var answer = _denoisers[0].Denoise(x, step, Conditioning.None).X0;
            for (int k = 1; k < _denoisers.Length; k++)
                answer = where(classes.eq(full_like(classes, k)), _denoisers[k].Denoise(x, step, Conditioning.None).X0, answer);
            return new Denoised(answer.MoveToOuterDisposeScope());
        }

        private static GaussianMixtureDenoiser Of(double[] mean, double[] variances) => new([1.0], [mean], [new[,] { { variances[0], 0 }, { 0, variances[1] } }]);
    }
}
