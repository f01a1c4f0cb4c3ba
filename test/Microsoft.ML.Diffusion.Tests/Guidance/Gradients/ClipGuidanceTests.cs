using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class ClipGuidanceTests
{
    private static readonly IDenoiser Inner = ComponentMixture.Plane.Whole;
    private static readonly LinearEncoder Encoder = new([0.2, 0.3, -0.2, 0.5, 1.1, 0.3], 3);
    private static readonly double[] Target = [0.4, -1.2, 0.8];

    public static IEnumerable<object[]> Cases =>
        from similarity in new[] { KnownSimilarities.Cosine, KnownSimilarities.Spherical, new ScaledCosineSimilarity(1.3) }
        from ofEstimate in new[] { false, true }
        select new object[] { similarity, ofEstimate };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Denoise_AnySimilarity_MovesByTheGradient(Similarity similarity, bool ofEstimate)
    {
        using var scope = NewDisposeScope();
        var guidance = new ClipGuidance(Encoder, 1.5) { Similarity = similarity, OfEstimate = ofEstimate };
        var x = GuidanceLab.Rows(4);
        var level = new NoiseLevel(0.8, 0.6);
        var step = new StepContext(level);
        var target = tensor(Target).expand(4, 3).clone();
        var guided = GuidanceLab.Guide(guidance, Inner, x, step, GuidanceLab.With(Conditioning.None, guidance, [.. Enumerable.Repeat<double[]>([double.NaN, .. Target], 4)]));
        Assert.AreEqual(ofEstimate ? NoiseLevel.Clean : level, Encoder.LastLevel);
        var gradient = GuidanceLab.Differences(x, state => similarity.Of(Encoder.Embed(ofEstimate ? Inner.Denoise(state, step, Conditioning.None).X0 : state, level), target));
        // Differences of order 1e-5: errors of 1e-10.
        GuidanceLab.AssertEqual(Inner.Denoise(x, step, Conditioning.None).X0 + gradient.Times(1.5 * 0.36 / 0.8), guided, 1e-8);
    }

    [TestMethod]
    public void Denoise_RowsWithoutATargetOrScale_AreThePlainAnswer()
    {
        using var scope = NewDisposeScope();
        var x = GuidanceLab.Rows(3);
        var step = new StepContext(new NoiseLevel(1, 0.5));
        var plain = Inner.Denoise(x, step, Conditioning.None).X0;
        foreach (bool ofEstimate in new[] { false, true })
        {
            var guidance = new ClipGuidance(Encoder) { OfEstimate = ofEstimate };
            var guided = GuidanceLab.Guide(guidance, Inner, x, step, GuidanceLab.With(Conditioning.None, guidance, [1, 0.3, double.NaN, 1], [0, .. Target], [1, .. Target]));
            Assert.AreEqual(0, Moments.Distance(plain.narrow(0, 0, 2), guided.narrow(0, 0, 2)));
            Assert.IsGreaterThan(1e-3, Moments.Distance(plain.narrow(0, 2, 1), guided.narrow(0, 2, 1)));
            Assert.AreEqual(0, Moments.Distance(plain, guidance.Guide(Inner).Denoise(x, step, Conditioning.None).X0));
        }
    }

    [TestMethod]
    public void Similarity_EqualAndOppositeVectors_HaveAFiniteGradient()
    {
        using var scope = NewDisposeScope();
        foreach (var dtype in new[] { ScalarType.Float32, ScalarType.Float64 })
        {
            var a = tensor(new double[] { 1, 2, -1, -2 }, 2, 2).to(dtype).requires_grad_();
            var b = tensor(new double[] { 2, 4, 1, 2 }, 2, 2).to(dtype);
            foreach (var similarity in new[] { KnownSimilarities.Cosine, KnownSimilarities.Spherical })
                Assert.IsTrue(autograd.grad([similarity.Of(a, b).sum()], [a])[0].isfinite().all().item<bool>());
        }
    }

    [TestMethod]
    public void Denoise_ThroughADenoiserThatCanNotDifferentiate_IsRefused()
    {
        using var scope = NewDisposeScope();
        var guidance = new ClipGuidance(Encoder) { OfEstimate = true };
        var condition = GuidanceLab.With(Conditioning.None, guidance, [1, .. Target]);
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => GuidanceLab.Guide(guidance, new Detached(), GuidanceLab.Rows(1), new StepContext(new NoiseLevel(1, 1)), condition));
        Assert.Contains("can not be differentiated", e.Message);
        Assert.Contains("ONNX", e.Message);
    }

    [TestMethod]
    public void Denoise_Guided_LeavesNoTensor()
    {
        using var noGrad = no_grad();
        using var x = GuidanceLab.Rows(3);
        foreach (bool ofEstimate in new[] { false, true })
        {
            var guidance = new ClipGuidance(Encoder) { OfEstimate = ofEstimate, Similarity = KnownSimilarities.Spherical };
            using var packed = tensor([.. Enumerable.Range(0, 3).SelectMany(row => (double[])[row, .. Target])], 3, 4);
            var condition = new Conditioning(new ConditionLayout(guidance.InputsFor(GuidanceLab.Shape, ConditionLayout.Empty)), packed);
            TensorLeak.AssertNone(() =>
            {
                using var answer = guidance.Guide(Inner).Denoise(x, new StepContext(new NoiseLevel(1, 0.5)), condition).X0;
                Assert.IsFalse(answer.requires_grad);
            });
        }
    }

    private sealed class Detached : IDenoiser
    {
        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
        {
            using var plain = x.detach();
            using var off = no_grad();
            return Inner.Denoise(plain, step, condition);
        }
    }
}
