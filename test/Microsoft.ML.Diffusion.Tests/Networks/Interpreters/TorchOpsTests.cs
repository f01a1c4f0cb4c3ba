using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public class TorchOpsTests
{
    private static readonly NoiseLevels Level = new(new NoiseLevel(1, 0.7));

    public static IEnumerable<object[]> Cases =>
    [
        [UNet.Small, new DataShape(1, 28, 28)],
        [new UNet { Channels = 16, Multipliers = [1, 2], AttentionFactors = [1, 2], HeadChannels = 8, BlocksPerLevel = 2 }, new DataShape(3, 7, 9)],
        [new ResidualMlp { Width = 32 }, new DataShape(5)],
        [new ReusingNetwork(), new DataShape(6)],
        [new VocabularyNetwork(), new DataShape(2, 8, 6)],
    ];

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Answer_InPlaceWithoutGradients_EqualsTheTrainingForwardAndKeepsInputs(Network network, DataShape shape)
    {
        var layout = network is ReusingNetwork or VocabularyNetwork ? ConditionLayout.Empty : TestNetworks.Layout;
        var condition = network is ReusingNetwork or VocabularyNetwork ? Conditioning.None : TestNetworks.Conditions(5);
        using var denoiser = TestNetworks.Denoiser(network, shape, trainable: true, layout: layout);
        using var x = TestNetworks.Rows(shape, 5);
        var before = TestNetworks.Values(x);
        using var trained = denoiser.Answer(x, Level, condition);
        Assert.IsTrue(trained.requires_grad);
        using var noGrad = no_grad();
        using var sampled = denoiser.Answer(x, Level, condition);
        using var again = denoiser.Answer(x, Level, condition);
        Assert.IsFalse(sampled.requires_grad);
        // The same sums in another order.
        Assert.IsLessThan(Float32Tolerance.OfNetwork(), TestNetworks.Distance(trained, sampled));
        Assert.AreSequenceEqual(TestNetworks.Values(sampled), TestNetworks.Values(again));
        Assert.AreSequenceEqual(before, TestNetworks.Values(x));
        Assert.IsGreaterThan(0.01, TestNetworks.Values(sampled).Max(Math.Abs));
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Denoise_WithOrWithoutGradients_LeavesNoTensorButTheResult(Network network, DataShape shape)
    {
        var layout = network is ReusingNetwork or VocabularyNetwork ? ConditionLayout.Empty : TestNetworks.Layout;
        var condition = network is ReusingNetwork or VocabularyNetwork ? Conditioning.None : TestNetworks.Conditions(2);
        using var denoiser = TestNetworks.Denoiser(network, shape, trainable: true, layout: layout);
        using var x = TestNetworks.Rows(shape, 2);
        foreach (bool gradients in new[] { true, false, true, false })
        {
            using var mode = set_grad_enabled(gradients);
            using var warm = denoiser.Denoise(x, new StepContext(Level), condition).X0;
            long before = TensorLeak.Count();
            denoiser.Denoise(x, new StepContext(Level), condition).X0.Dispose();
            Assert.AreEqual(before, Tensor.TotalCount);
        }
    }

    [TestMethod]
    public void Answer_NetworkThatChangesItsMind_SaysSo()
    {
        using var denoiser = TestNetworks.Denoiser(new FickleNetwork(), new DataShape(6), layout: ConditionLayout.Empty);
        using var x = TestNetworks.Rows(denoiser.Shape, 2);
        long before = TensorLeak.Count();
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => denoiser.Answer(x, Level, Conditioning.None));
        Assert.Contains("its code must depend on sizes alone", exception.Message);
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    [TestMethod]
    public void Answer_Dropout_OnlyWithNoiseAndTheSameForARowInAnyBatch()
    {
        using var denoiser = TestNetworks.Denoiser(new ResidualMlp { Width = 32, Dropout = 0.5 }, new DataShape(5));
        using var x = TestNetworks.Rows(denoiser.Shape, 4);
        using var last = TestNetworks.Rows(denoiser.Shape, 1, first: 3);
        using var plain = denoiser.Answer(x, Level, TestNetworks.Conditions(4));
        using var dropped = denoiser.Answer(x, Level, TestNetworks.Conditions(4), new RowNoise(1, [new(0), new(1), new(2), new(3)]));
        using var alone = denoiser.Answer(last, Level, TestNetworks.Conditions(1, first: 3), new RowNoise(1, [new(3)]));
        using var row = dropped.narrow(0, 3, 1);
        Assert.IsGreaterThan(0.01, TestNetworks.Distance(plain, dropped));
        // Other batch sizes sum in another order.
        Assert.IsLessThan(Float32Tolerance.OfNetwork(), TestNetworks.Distance(row, alone));
    }

    [TestMethod]
    public void Attention_Mask_EqualsAttentionToTheKeysThatCount()
    {
        using var scope = NewDisposeScope();
        var noise = new RowNoise(1, [new(0), new(1)]);
        Tensor query = noise.Normal(0, zeros(2, 1, 3, 4)), key = noise.Normal(1, zeros(2, 1, 5, 4)), value = noise.Normal(2, zeros(2, 1, 5, 4));
        long[][] counted = [[0, 2, 3], [1, 4]];
        var mask = tensor(new float[] { 1, 0, 1, 1, 0, 0, 1, 0, 0, 1 }, 2, 5);
        var expected = cat([.. counted.Select((keys, row) => nn.functional.scaled_dot_product_attention(
            query.narrow(0, row, 1), key.narrow(0, row, 1).index_select(2, tensor(keys)), value.narrow(0, row, 1).index_select(2, tensor(keys))))], 0);
        var program = NetworkProgram.Trace(new VocabularyNetwork(), [2, 1, 4, 4], []);
        using var parameters = FlatParameters.Create(program.Parameters, 1, CPU, Precision.Float32, trainable: false);
        using var tables = new NetworkTables(CPU);
        var ops = new TorchOps(program, parameters, tables, null);
        var masked = ops.Attention(TorchOps.Input(query), TorchOps.Input(key), TorchOps.Input(value), TorchOps.Input(mask));
        // Products of three and means of three.
        Assert.IsLessThan(Float32Tolerance.OfSums(8), TestNetworks.Distance(expected, masked.Tensor));
    }

    /// <summary>Uses values after views of them were made, and views after their base: what must not be written in place.</summary>
    private sealed class ReusingNetwork : Network
    {
        public override void Validate(DataShape shape)
        {
        }

        public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
        {
            var h = ops.Linear(ops.ToWorking(x), "in", 6);
            var view = ops.Reshape(h, 2, 3);
            var turned = ops.Transpose(view, 1, 2);
            var activated = ops.Silu(turned);
            var sum = ops.Add(ops.Reshape(ops.Transpose(activated, 1, 2), 6), h);
            var twice = ops.Add(sum, sum);
            var back = ops.Reshape(ops.Silu(ops.Reshape(twice, 3, 2)), 6);
            return ops.ToFloat32(ops.Add(ops.ToWorking(x), ops.Add(back, twice)));
        }
    }

    private sealed class FickleNetwork : Network
    {
        private int _runs;

        public override void Validate(DataShape shape)
        {
        }

        public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
        {
            var h = ops.Linear(ops.ToWorking(x), "a", 6);
            // Passes over sizes come first: twice for the inventory, once for the batch.
            return ops.ToFloat32(++_runs > 3 ? h : ops.Silu(h));
        }
    }
}
