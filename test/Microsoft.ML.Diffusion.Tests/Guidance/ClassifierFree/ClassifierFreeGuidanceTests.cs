using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public class ClassifierFreeGuidanceTests
{
    private static readonly DataShape Shape = new(5);
    private static readonly StepContext Step = new(new NoiseLevel(1, 0.7));
    private static readonly ConditionLayout Scaled = TestNetworks.Layout.Append(new GuidanceInput("Scale", 1));

    [TestMethod]
    public void Denoise_ScaleOne_IsTheDenoiserItself()
    {
        using var scope = NewDisposeScope();
        var inner = new RecordingDenoiser();
        var x = TestNetworks.Rows(Shape, 3);
        var answer = new ClassifierFreeGuidance(1).Guide(inner).Denoise(x, Step, TestNetworks.Conditions(3)).X0;
        Assert.AreSequenceEqual([3L], inner.Batches);
        Assert.AreSequenceEqual(TestNetworks.Values(inner.Denoise(x, Step, TestNetworks.Conditions(3)).X0), TestNetworks.Values(answer));
    }

    [TestMethod]
    public void Denoise_ScaleZero_AsksOnlyWithoutConditions()
    {
        using var scope = NewDisposeScope();
        var inner = new RecordingDenoiser();
        var x = TestNetworks.Rows(Shape, 3);
        var answer = new ClassifierFreeGuidance(0).Guide(inner).Denoise(x, Step, TestNetworks.Conditions(3)).X0;
        Assert.AreSequenceEqual([3L], inner.Batches);
        var missing = full(3, 4, float.NaN);
        missing.narrow(1, 0, 1).zero_();
        Assert.AreSequenceEqual(TestNetworks.Values(inner.Denoise(x, Step, new Conditioning(TestNetworks.Layout, missing)).X0), TestNetworks.Values(answer));
    }

    [TestMethod]
    public void Denoise_AnyScale_OneBatchAndTheFormula()
    {
        using var scope = NewDisposeScope();
        var inner = new RecordingDenoiser();
        var x = TestNetworks.Rows(Shape, 3);
        var conditions = TestNetworks.Conditions(3);
        var levels = new NoiseLevels([new NoiseLevel(1, 0.1), new(1, 0.2), new(1, 0.3)], [0.1, 0.2, 0.3]);
        var answer = new ClassifierFreeGuidance(2.5).Guide(inner).Denoise(x, new StepContext(levels), conditions).X0;
        Assert.AreSequenceEqual([6L], inner.Batches);
        Assert.AreEqual(6, inner.LastLevels!.Count);
        Assert.AreEqual(levels[2], inner.LastLevels[5]);
        Assert.AreEqual(0.2, inner.LastLevels.TimeAt(4));
        var conditional = inner.Denoise(x, new StepContext(levels), conditions).X0;
        var unconditional = new ClassifierFreeGuidance(0).Guide(inner).Denoise(x, new StepContext(levels), conditions).X0;
        // eq. 6.
        Assert.IsLessThan(Float32Tolerance.OfNetwork(), TestNetworks.Distance(unconditional + 2.5 * (conditional - unconditional), answer));
    }

    [TestMethod]
    public void Denoise_ScalePerRow_EachRowItsOwnAndOneIsExactlyThePlainAnswer()
    {
        using var scope = NewDisposeScope();
        var inner = new RecordingDenoiser();
        var x = TestNetworks.Rows(Shape, 4);
        var conditions = WithScales(1, 3, 0, float.NaN);
        var answer = new ClassifierFreeGuidance(2).Guide(inner, 2).Denoise(x, Step, conditions).X0;
        var plain = inner.Denoise(x, Step, conditions).X0;
        Assert.AreSequenceEqual(TestNetworks.Values(plain.narrow(0, 0, 1)), TestNetworks.Values(answer.narrow(0, 0, 1)));
        double[] scales = [1, 3, 0, 2];
        for (int row = 1; row < 4; row++)
        {
            var uniform = new ClassifierFreeGuidance(scales[row]).Guide(inner).Denoise(x, Step, conditions).X0;
            Assert.IsLessThan(Float32Tolerance.OfNetwork(), TestNetworks.Distance(uniform.narrow(0, row, 1), answer.narrow(0, row, 1)));
        }
    }

    [TestMethod]
    public void Denoise_RealNetwork_RowKeepsItsBitsWhateverTheOthersScales()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var denoiser = TestNetworks.Denoiser(new ResidualMlp { Width = 32 }, Shape);
        var guided = new ClassifierFreeGuidance(2).Guide(denoiser, 2);
        var x = TestNetworks.Rows(Shape, 16);
        var a = guided.Denoise(x, Step, WithScales([.. Enumerable.Range(0, 16).Select(row => (float)row)])).X0;
        var b = guided.Denoise(x, Step, WithScales([.. Enumerable.Range(0, 16).Select(row => row == 5 ? 5f : 1f)])).X0;
        Assert.AreSequenceEqual(TestNetworks.Values(a[5]), TestNetworks.Values(b[5]));
    }

    [TestMethod]
    public void Denoise_Guided_LeavesNoTensorButTheResult()
    {
        using var denoiser = TestNetworks.Denoiser(new ResidualMlp { Width = 32 }, Shape);
        using var x = TestNetworks.Rows(Shape, 3);
        var conditions = WithScales(1, 2, 3);
        foreach (var (scale, slot) in new[] { (2.0, 0), (0, 0), (2, 2) })
        {
            var guided = new ClassifierFreeGuidance(scale).Guide(denoiser, slot);
            guided.Denoise(x, Step, conditions).X0.Dispose();
            long before = TensorLeak.Count();
            guided.Denoise(x, Step, conditions).X0.Dispose();
            Assert.AreEqual(before, Tensor.TotalCount);
        }
    }

    [TestMethod]
    public void Denoise_NothingToGuideBy_Refused()
    {
        using var x = TestNetworks.Rows(Shape, 1);
        Assert.Contains("conditional model", Assert.ThrowsExactly<ArgumentException>(() => new ClassifierFreeGuidance(2).Guide(new RecordingDenoiser()).Denoise(x, Step, Conditioning.None)).Message);
        var other = new Conditioning(TestNetworks.Layout.Append(new GuidanceInput("Target", 1)), zeros(1, 5));
        Assert.Contains("slot 2", Assert.ThrowsExactly<ArgumentException>(() => new ClassifierFreeGuidance(2).Guide(new RecordingDenoiser(), 2).Denoise(x, Step, other)).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ClassifierFreeGuidance(double.NaN));
    }

    [TestMethod]
    public void Denoise_ConditionsWithScales_JoinOneAfterTheOther()
    {
        using var scope = NewDisposeScope();
        var inner = new RecordingDenoiser();
        var x = TestNetworks.Rows(Shape, 4);
        var guidance = new ClassifierFreeGuidance(3) { Conditions = [new ConditionScale("Vector", 0.5)] };
        var layout = TestNetworks.Layout.Append(guidance.InputsFor(Shape, TestNetworks.Layout));
        var own = tensor(new float[] { float.NaN, float.NaN, 1, 1, float.NaN, 4, 0, float.NaN }, 4, 2);
        var condition = new Conditioning(layout, cat([TestNetworks.Conditions(4).Packed, own], 1));
        var answer = guidance.Guide(inner, 2).Denoise(x, Step, condition).X0;
        // One call of the bare, the class alone, and both.
        Assert.AreSequenceEqual([12L], inner.Batches);
        var (none, classes, both) = (Plain(inner, x, condition, false, false), Plain(inner, x, condition, true, false), Plain(inner, x, condition, true, true));
        (double Class, double Vector)[] scales = [(3, 0.5), (1, 1), (3, 4), (0, 0.5)];
        for (int row = 0; row < 4; row++)
        {
            var expected = none[row] + (classes[row] - none[row]).Times(scales[row].Class) + (both[row] - classes[row]).Times(scales[row].Vector);
            Assert.IsLessThan(Float32Tolerance.OfNetwork(), TestNetworks.Distance(expected, answer[row]));
        }
        Assert.AreSequenceEqual(TestNetworks.Values(both[1]), TestNetworks.Values(answer[1]));
    }

    [TestMethod]
    public void Denoise_EveryConditionWithAScale_MakesNoEmptyStage()
    {
        using var scope = NewDisposeScope();
        var inner = new RecordingDenoiser();
        var guidance = new ClassifierFreeGuidance(3) { Conditions = [new ConditionScale("Vector", 2), new ConditionScale("Class", 1)] };
        guidance.Guide(inner).Denoise(TestNetworks.Rows(Shape, 2), Step, TestNetworks.Conditions(2));
        Assert.AreSequenceEqual([6L], inner.Batches);
    }

    [TestMethod]
    public void Denoise_Negatives_StandWhereConditionsWouldBeMissing()
    {
        using var scope = NewDisposeScope();
        var inner = new RecordingDenoiser();
        var x = TestNetworks.Rows(Shape, 3);
        var guidance = new ClassifierFreeGuidance(2) { Negatives = ["Class"] };
        var layout = TestNetworks.Layout.Append(guidance.InputsFor(Shape, TestNetworks.Layout));
        var inputs = tensor(new float[] { float.NaN, 5, float.NaN, 0, float.NaN, float.NaN }, 3, 2);
        var condition = new Conditioning(layout, cat([TestNetworks.Conditions(3).Packed, inputs], 1));
        var answer = guidance.Guide(inner, 2).Denoise(x, Step, condition).X0;
        var negative = TestNetworks.Conditions(3).Packed.clone();
        negative.narrow(1, 1, 3).fill_(float.NaN);
        negative.narrow(1, 0, 1).copy_(tensor(new float[] { 5, 0, 0 }, 3, 1));
        var (away, towards) = (inner.Denoise(x, Step, new Conditioning(TestNetworks.Layout, negative)).X0, inner.Denoise(x, Step, condition).X0);
        Assert.IsLessThan(Float32Tolerance.OfNetwork(), TestNetworks.Distance(away + 2 * (towards - away), answer));
    }

    [TestMethod]
    public void Denoise_Rescaled_RowsHaveTheConditionalAnswersDeviation()
    {
        using var scope = NewDisposeScope();
        var inner = new RecordingDenoiser();
        var x = TestNetworks.Rows(Shape, 3);
        var conditional = inner.Denoise(x, Step, TestNetworks.Conditions(3)).X0;
        var guided = new ClassifierFreeGuidance(6) { Rescale = 1 }.Guide(inner).Denoise(x, Step, TestNetworks.Conditions(3)).X0;
        Assert.IsLessThan(Float32Tolerance.OfNetwork(), TestNetworks.Distance(conditional.std(1), guided.std(1)));
        var half = new ClassifierFreeGuidance(6) { Rescale = 0.5 }.Guide(inner).Denoise(x, Step, TestNetworks.Conditions(3)).X0;
        var bare = new ClassifierFreeGuidance(6).Guide(inner).Denoise(x, Step, TestNetworks.Conditions(3)).X0;
        Assert.IsLessThan(Float32Tolerance.OfNetwork(), TestNetworks.Distance((guided + bare) / 2, half));
    }

    [TestMethod]
    public void Denoise_Threshold_LimitsGuidedRowsAlone()
    {
        using var scope = NewDisposeScope();
        var inner = new RecordingDenoiser();
        var x = TestNetworks.Rows(Shape, 2) * 3;
        var condition = WithScales(1, 6);
        var guided = new ClassifierFreeGuidance(2) { Threshold = 0.9 }.Guide(inner, 2).Denoise(x, Step, condition).X0;
        Assert.AreSequenceEqual(TestNetworks.Values(inner.Denoise(x, Step, condition).X0[0]), TestNetworks.Values(guided[0]));
        Assert.IsGreaterThan(1, TestNetworks.Values(guided[0]).Max(MathF.Abs));
        Assert.AreEqual(1, TestNetworks.Values(guided[1]).Max(MathF.Abs));
    }

    [TestMethod]
    public void Denoise_AllOptionsWithScaleOne_AreTheModelToTheBit()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var denoiser = TestNetworks.Denoiser(new ResidualMlp { Width = 32 }, Shape);
        var x = TestNetworks.Rows(Shape, 8);
        var guidance = new ClassifierFreeGuidance(1) { Conditions = [new ConditionScale("Vector", 1)], Negatives = ["Class"], Rescale = 0.7, Threshold = 0.9 };
        var answer = guidance.Guide(denoiser).Denoise(x, Step, TestNetworks.Conditions(8)).X0;
        Assert.AreSequenceEqual(TestNetworks.Values(denoiser.Denoise(x, Step, TestNetworks.Conditions(8)).X0), TestNetworks.Values(answer));
    }

    [TestMethod]
    public void InputsFor_WhatDoesNotFit_IsRefusedByName()
    {
        Refused("names the condition 'Text'", new ClassifierFreeGuidance(2) { Negatives = ["Text"] });
        Refused("'Class', 'Vector'", new ClassifierFreeGuidance(2) { Conditions = [new ConditionScale("Text", 2)] });
        Refused("twice", new ClassifierFreeGuidance(2) { Conditions = [new ConditionScale("Class", 2), new ConditionScale("Class", 3)] });
        Assert.Contains("conditional model", Assert.ThrowsExactly<ArgumentException>(() => new ClassifierFreeGuidance(2).InputsFor(Shape, ConditionLayout.Empty)).Message);
        Assert.Contains("standard deviation", Assert.ThrowsExactly<ArgumentException>(() => new ClassifierFreeGuidance(2) { Rescale = 1 }.InputsFor(new DataShape(1), TestNetworks.Layout)).Message);
        Assert.Contains("[0, 1]", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ClassifierFreeGuidance(2) { Rescale = 1.5 }).Message);
        Assert.Contains("(0, 1]", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ClassifierFreeGuidance(2) { Threshold = 0 }).Message);
        Assert.Contains("'Class' must be finite", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ConditionScale("Class", double.PositiveInfinity)).Message);
    }

    private static void Refused(string expected, ClassifierFreeGuidance guidance)
        => Assert.Contains(expected, Assert.ThrowsExactly<ArgumentException>(() => guidance.InputsFor(Shape, TestNetworks.Layout)).Message);

    private static Tensor Plain(IDenoiser inner, Tensor x, Conditioning condition, bool withClass, bool withVector)
    {
        var packed = condition.Packed.clone();
        if (!withClass)
            packed.narrow(1, 0, 1).zero_();
        if (!withVector)
            packed.narrow(1, 1, 3).fill_(float.NaN);
        return inner.Denoise(x, Step, new Conditioning(condition.Layout, packed)).X0;
    }

    private static Conditioning WithScales(params float[] scales)
    {
        using var column = tensor(scales, scales.Length, 1);
        return new Conditioning(Scaled, cat([TestNetworks.Conditions(scales.Length).Packed, column], 1));
    }

    /// <summary>x̂0 = x·(1 + class) + the vector's first number; counts what it is asked.</summary>
    private sealed class RecordingDenoiser : IDenoiser
    {
        public List<long> Batches { get; } = [];

        public NoiseLevels? LastLevels { get; private set; }

        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
        {
            Batches.Add(x.size(0));
            LastLevels = step.Level;
            return new Denoised(x * (1 + condition.Slot(0)) + condition.Slot(1).narrow(1, 0, 1).nan_to_num(-1));
        }
    }
}
