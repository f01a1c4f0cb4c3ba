using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class SelfConditioningTests
{
    private static readonly DataShape Shape = new(3, 8, 8);
    private static readonly Network Network = new UNet { Channels = 16, Multipliers = [1, 1], PatchSize = 2, MiddleAttention = false, WithSelfConditioning = true };
    private static readonly StepContext Step = new(new NoiseLevel(1, 0.7));

    [TestMethod]
    public void Denoise_NoEstimate_IsAnEstimateOfZeros()
    {
        using var scope = NewDisposeScope();
        var denoiser = TestNetworks.Denoiser(Network, Shape);
        var x = TestNetworks.Rows(Shape, 2);
        float[] none = TestNetworks.Values(denoiser.Denoise(x, Step, TestNetworks.Conditions(2)).X0);
        Assert.AreSequenceEqual(none, TestNetworks.Values(denoiser.Denoise(x, Step with { Previous = zeros_like(x) }, TestNetworks.Conditions(2)).X0));
        Assert.AreNotSequenceEqual(none, TestNetworks.Values(denoiser.Denoise(x, Step with { Previous = TestNetworks.Rows(Shape, 2, first: 5) }, TestNetworks.Conditions(2)).X0));
        Assert.Contains("shape of x", Assert.ThrowsExactly<ArgumentException>(() => denoiser.Denoise(x, Step with { Previous = zeros(1, 3, 8, 8) }, TestNetworks.Conditions(2))).Message);
    }

    [TestMethod]
    public void ListParameters_TakesTwiceTheChannelsAndAnswersAsBefore()
    {
        var plain = new UNet { Channels = 16, Multipliers = [1, 1], PatchSize = 2, MiddleAttention = false };
        string[] Different(Network network) => [.. network.ListParameters(Shape, ConditionLayout.Empty).Zip(plain.ListParameters(Shape, ConditionLayout.Empty)).Where(pair => $"{pair.First}" != $"{pair.Second}").Select(pair => $"{pair.First}")];
        Assert.AreSequenceEqual(new[] { "conv_in.weight [16, 24, 3, 3]" }, Different(Network));
        var both = new UNet { Channels = 16, Multipliers = [1, 1], PatchSize = 2, MiddleAttention = false, WithSelfConditioning = true, WithVariance = true };
        Assert.AreSequenceEqual(new[] { "conv_in.weight [16, 24, 3, 3]", "conv_out.weight [24, 16, 3, 3]", "conv_out.bias [24]" }, Different(both));
        Assert.HasCount(1, new ResidualMlp { WithSelfConditioning = true }.ListParameters(new DataShape(5), ConditionLayout.Empty).Where(parameter => $"{parameter}" == "linear_in.weight [256, 10]"));
    }

    [TestMethod]
    public void Run_AnySolver_GivesEachEvaluationTheAnswerBefore()
    {
        var grid = new KarrasSpacing().Grid(KnownSchedules.Edm, 4);
        foreach (var solver in new[] { KnownSolvers.Ddim, KnownSolvers.Heun, KnownSolvers.DdpmAncestral, KnownSolvers.UniPc })
        {
            using var chained = new ChainedDenoiser(takes: true);
            Sample(solver.Plan(grid), chained);
            Assert.IsNull(chained.Given[0]);
            for (int call = 1; call < chained.Given.Count; call++)
                Assert.AreSequenceEqual(chained.Answered[call - 1], chained.Given[call]!);
            using var plain = new ChainedDenoiser(takes: false);
            Sample(solver.Plan(grid), plain);
            Assert.IsTrue(plain.Given.All(estimate => estimate is null));
        }
    }

    [TestMethod]
    public void Run_BehindGuidanceAndClipping_GivesBothBranchesTheGuidedEstimate()
    {
        using var scope = NewDisposeScope();
        var inner = new ChainedDenoiser(takes: true);
        IDenoiser guided = ThresholdedDenoiser.Clip(new ClassifierFreeGuidance(2).Guide(inner));
        Assert.IsTrue(guided.TakesPrevious);
        var previous = TestNetworks.Rows(new DataShape(2), 3);
        using var x = TestNetworks.Rows(new DataShape(2), 3, first: 7);
        guided.Denoise(x, Step with { Previous = previous }, TestNetworks.Conditions(3)).X0.Dispose();
        float[] given = TestNetworks.Values(previous);
        Assert.AreSequenceEqual(given.Concat(given), inner.Given[0]!);
    }

    [TestMethod]
    public void Run_EndedOrCancelled_LeavesNoTensors()
    {
        using var denoiser = TestNetworks.Denoiser(new ResidualMlp { Width = 16, Blocks = 1, WithSelfConditioning = true }, new DataShape(2), layout: ConditionLayout.Empty);
        var plan = KnownSolvers.Heun.Plan(new KarrasSpacing().Grid(KnownSchedules.Edm, 4));
        using var start = TestNetworks.Rows(new DataShape(2), 3);
        TensorLeak.AssertNone(() => PlanRunner.Run(plan, denoiser, start, Conditioning.None, new ScatteredNoise(2)).Dispose());
        TensorLeak.AssertNone(() =>
        {
            using var source = new CancellationTokenSource();
            Assert.ThrowsExactly<OperationCanceledException>(() => PlanRunner.Run(plan, denoiser, start, Conditioning.None, new ScatteredNoise(2), progress: new Canceller(source), cancellationToken: source.Token));
        });
    }

    private static void Sample(SamplingPlan plan, IDenoiser denoiser)
    {
        using var start = TestNetworks.Rows(new DataShape(2), 3);
        using var sample = PlanRunner.Run(plan, denoiser, start, Conditioning.None, new ScatteredNoise(2));
    }

    private sealed class Canceller(CancellationTokenSource source) : IProgress<SamplingProgress>
    {
        public void Report(SamplingProgress value)
        {
            if (value.Evaluation == 2)
                source.Cancel();
        }
    }

    // Halves x, and notes what it was given and what it answered.
    private sealed class ChainedDenoiser(bool takes) : IDenoiser, IDisposable
    {
        public List<float[]?> Given { get; } = [];

        public List<float[]> Answered { get; } = [];

        public bool TakesPrevious => takes;

        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
        {
            Given.Add(step.Previous is null ? null : TestNetworks.Values(step.Previous));
            var answer = x.mul(0.5);
            Answered.Add(TestNetworks.Values(answer));
            return new Denoised(answer);
        }

        public void Dispose() => Given.Clear();
    }
}
