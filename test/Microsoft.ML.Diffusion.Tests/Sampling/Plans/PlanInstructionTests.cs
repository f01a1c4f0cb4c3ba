using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class PlanInstructionTests
{
    private static readonly TimeGrid Grid = TimeGrid.FromRatios([2, 0]);

    [TestMethod]
    public void Run_Blend_IsExactUnderAHardMaskAndLeavesTheInputs()
    {
        var plan = Trace((trace, x) => trace.Blend(trace.Input(), trace.Input(), x));
        Assert.AreEqual(2, plan.Inputs);
        using var start = tensor(new[,] { { 0.1, 1e10 }, { 0.5, 0.4 } });
        using var mask = tensor(new[,] { { 1.0, 0.0 }, { 0.25, 1.0 } });
        using var inside = tensor(new[,] { { 1e10, 0.2 }, { 0.75, 0.7 } });
        TensorLeak.AssertNone(() =>
        {
            using var result = Run(plan, start, [mask, inside]);
            Assert.AreSequenceEqual(new[] { 1e10, 1e10, 0.5625, 0.7 }, result.data<double>().ToArray());
        });
        Assert.AreSequenceEqual(new[] { 1e10, 0.2, 0.75, 0.7 }, inside.data<double>().ToArray());
    }

    [TestMethod]
    public void Run_LearnedDeviation_ScalesTheNoisePlaceByPlace()
    {
        var plan = Trace((trace, x) => trace.Multiply(PlanTracer.LearnedDeviation(trace.Denoise(x, 0)), trace.Noise()));
        Assert.IsTrue(plan.NeedsLearnedVariance);
        using var start = zeros(1, 2, dtype: float64);
        using var noise = new ScatteredNoise(1).Normal(1, start);
        var expected = noise.data<double>().ToArray();
        TensorLeak.AssertNone(() =>
        {
            using var result = PlanRunner.Run(plan, new Learned([Math.Log(4), Math.Log(9)]), start, Conditioning.None, new ScatteredNoise(1));
            var got = result.data<double>().ToArray();
            // One rounding of the logarithm and one of the exponential.
            Assert.AreEqual(2 * expected[0], got[0], 1e-14);
            Assert.AreEqual(3 * expected[1], got[1], 1e-14);
        });
    }

    [TestMethod]
    public void Run_DenoiserWithoutVariance_IsRefusedAndLeavesNothing()
    {
        var plan = Trace((trace, x) => trace.Multiply(PlanTracer.LearnedDeviation(trace.Denoise(x, 0)), trace.Noise()));
        using var start = zeros(1, 2, dtype: float64);
        TensorLeak.AssertNone(() => Assert.Contains("use a fixed variance", Assert.ThrowsExactly<InvalidOperationException>(() => Run(plan, start)).Message));
    }

    [TestMethod]
    public void Run_OtherInputsThanThePlans_SaysWhich()
    {
        var plan = Trace((trace, x) => trace.Blend(trace.Input(), x, x));
        using var start = zeros(1, 2, dtype: float64);
        using var narrow = zeros(1, 1, dtype: float64);
        Assert.Contains("wants 1 inputs beside the start, got 0", Assert.ThrowsExactly<ArgumentException>(() => Run(plan, start)).Message);
        Assert.Contains("input 0 is [1, 1]", Assert.ThrowsExactly<ArgumentException>(() => Run(plan, start, [narrow])).Message);
    }

    [TestMethod]
    public void Plan_InputsAndDeviations_AreCountedAndPrinted()
    {
        var plan = Trace((trace, x) =>
        {
            var x0 = trace.Denoise(x, 0);
            var noise = trace.Multiply(PlanTracer.LearnedDeviation(x0), trace.Noise());
            return trace.Blend(trace.Input(), trace.Input(), x0 + noise);
        });
        // Start, two inputs, and estimate with deviation when the denoiser has answered.
        Assert.AreEqual(5, plan.PeakRegisters);
        Assert.Contains("x0 = s0 ⊙ n0", plan.ToString());
        Assert.Contains("x2 = in0 ⊙ in1 + (1 − in0) ⊙ x1", plan.ToString());
    }

    [TestMethod]
    public void LearnedDeviation_OfACombination_IsRefused()
        => Assert.ThrowsExactly<ArgumentException>(() => Trace((trace, x) => PlanTracer.LearnedDeviation(2 * trace.Denoise(x, 0))));

    private static SamplingPlan Trace(Func<PlanTracer, LinearExpression, LinearExpression> algebra)
    {
        var trace = new PlanTracer(Grid);
        return trace.Finish(algebra(trace, trace.Start));
    }

    private static Tensor Run(SamplingPlan plan, Tensor start, IReadOnlyList<Tensor>? inputs = null)
        => PlanRunner.Run(plan, ExactMixture.Denoiser, start, Conditioning.None, new ScatteredNoise(1), inputs);

    private sealed class Learned(double[] logVariance) : IDenoiser
    {
        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition) => new(zeros_like(x), tensor(logVariance, 1, logVariance.Length));
    }
}
