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
        // eq. 6; Float32 of order 10.
        Assert.IsLessThan(1e-5, TestNetworks.Distance(unconditional + 2.5 * (conditional - unconditional), answer));
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
            Assert.IsLessThan(1e-5, TestNetworks.Distance(uniform.narrow(0, row, 1), answer.narrow(0, row, 1)));
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
    public void Json_RoundTrip_KeepsScale()
    {
        var copy = (ClassifierFreeGuidance)ModelJson.Read<IGuidance>(ModelJson.Write<IGuidance>(new ClassifierFreeGuidance(3.5)));
        Assert.AreEqual(3.5, copy.Scale);
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
