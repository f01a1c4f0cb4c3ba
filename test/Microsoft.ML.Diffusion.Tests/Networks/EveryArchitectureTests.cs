using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class EveryArchitectureTests
{
    private const int Rows = 3;

    public static IEnumerable<object[]> Cases => Architectures.All;

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Backward_FromTheAnswer_ReachesEveryParameter(string name, Network network, DataShape shape, ConditionLayout layout)
    {
        using var scope = NewDisposeScope();
        using var run = new Run(network, shape, layout);
        var parameters = run.Parameters;
        parameters.ZeroGradients();
        // Squares: sums of answers have no gradient behind a last normalisation.
        run.Answer().square().sum().backward();
        parameters.CollectGradients();
        for (int i = 0; i < parameters.Inventory.Count; i++)
        {
            if (parameters.Inventory[i].IsFrozen)
                continue;
            using var gradient = parameters.Working(i).grad!;
            float largest = gradient.abs().max().item<float>();
            Assert.IsTrue(float.IsFinite(largest), $"{name}, {parameters.Inventory[i]}: {largest}");
            // Not even rounding: a bias before a softmax over the keys, for one.
            if (!HasNoEffect(parameters.Inventory[i].Name))
                Assert.IsGreaterThan(0, largest, $"{name}, {parameters.Inventory[i]}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Answer_InPlaceWithoutGradients_EqualsTheTrainingForwardAndLeavesNothing(string name, Network network, DataShape shape, ConditionLayout layout)
    {
        using var run = new Run(network, shape, layout);
        using var trained = run.Answer();
        using var noGrad = no_grad();
        using (run.Answer())
        {
            // The tables of the first call stay.
        }
        long before = TensorLeak.Count();
        using var sampled = run.Answer();
        Assert.AreEqual(before + 1, TensorLeak.Count(), name);
        // The same sums in another order.
        double scale = Math.Max(1, TestNetworks.Values(trained).Max(Math.Abs));
        Assert.IsLessThan(Float32Tolerance.OfNetwork(scale), TestNetworks.Distance(trained, sampled), name);
        Assert.IsGreaterThan(0.01, TestNetworks.Values(sampled).Max(Math.Abs), name);
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Answer_OtherLevelsAndConditions_Differs(string name, Network network, DataShape shape, ConditionLayout layout)
    {
        using var noGrad = no_grad();
        using var run = new Run(network, shape, layout);
        using var answer = run.Answer();
        using var otherLevel = run.Answer(level: 0.9f);
        Assert.IsGreaterThan(1e-4, TestNetworks.Distance(answer, otherLevel), name);
        for (int i = 0; i < layout.Slots.Count; i++)
        {
            using var missing = run.Answer(missing: i);
            Assert.IsGreaterThan(1e-5, TestNetworks.Distance(answer, missing), $"{name}, {layout.Slots[i]}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Json_RoundTrip_KeepsEveryOption(string name, Network network, DataShape shape, ConditionLayout layout)
    {
        string json = ModelJson.Write(network);
        var copy = ModelJson.Read<Network>(json);
        Assert.AreEqual(network.GetType(), copy.GetType(), name);
        Assert.AreEqual(json, ModelJson.Write(copy), name);
        Assert.AreSequenceEqual(Names(network), Names(copy), name);

        IEnumerable<string> Names(Network one) => one.ListParameters(shape, layout).Select(parameter => parameter.ToString());
    }

    // A key's bias adds the same to all scores of a query.
    private static bool HasNoEffect(string name) => name.EndsWith(".to_k.bias", StringComparison.Ordinal);

    /// <summary>A network in which no layer starts at zero, and its inputs.</summary>
    private sealed class Run : IDisposable
    {
        private readonly Network _network;
        private readonly ConditionLayout _layout;
        private readonly NetworkProgram _program;
        private readonly NetworkTables _tables = new(CPU);
        private readonly Tensor _x;

        public Run(Network network, DataShape shape, ConditionLayout layout)
        {
            _network = network;
            _layout = layout;
            var lively = network.ListParameters(shape, layout).Select(parameter =>
                parameter.Initializer is { Scale: < 1e-3, Mean: 0 } ? new NetworkParameter(parameter.Name, [.. parameter.Shape], Initializer.Normal(0.1), parameter.IsFrozen) : parameter);
            Parameters = FlatParameters.Create([.. lively], 1, CPU, Precision.Float32, trainable: true);
            _program = NetworkProgram.Trace(network, [Rows, .. shape.Dimensions], layout.Slots);
            // An estimate stands behind x.
            _x = TestNetworks.Rows(network.SelfConditions ? new DataShape([2 * shape.Dimensions[0], .. shape.Dimensions.Skip(1)]) : shape, Rows);
        }

        public FlatParameters Parameters { get; }

        public Tensor Answer(float level = 0.3f, int missing = -1)
        {
            using var scope = NewDisposeScope();
            var packed = new float[Rows * _layout.Width];
            for (int row = 0; row < Rows; row++)
                for (int i = 0; i < _layout.Slots.Count; i++)
                    for (int j = 0; j < _layout.Slots[i].Width; j++)
                        packed[row * _layout.Width + _layout.OffsetOf(i) + j] = i == missing ? _layout.Slots[i].Missing : _layout.Slots[i] switch
                        {
                            ClassCondition => 1 + row,
                            // Texts of one to three tokens.
                            TokensCondition tokens => j <= row ? 1 + (row + j) % tokens.Vocabulary : 0,
                            _ => 0.5f + 0.2f * row - 0.3f * j,
                        };
            var conditions = new ConditionReader(_layout, CPU).Read(new Conditioning(_layout, _layout.Width == 0 ? null : tensor(packed, Rows, _layout.Width)), Rows);
            var ops = new TorchOps(_program, Parameters, _tables, null);
            return ops.Finish(_network.Forward(ops, TorchOps.Input(_x), TorchOps.Input(full(Rows, level)), conditions)).MoveToOuterDisposeScope();
        }

        public void Dispose()
        {
            Parameters.Dispose();
            _tables.Dispose();
            _x.Dispose();
        }
    }
}
