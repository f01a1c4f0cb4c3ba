using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public class ShapeOpsTests
{
    public static IEnumerable<object[]> Pictures =>
        from size in new[] { (7, 7), (9, 9), (13, 21), (28, 28) }
        from levels in new[] { 1, 2, 3, 4 }
        from channels in new[] { 1, 3, 4, 7 }
        where 1 << (levels - 1) < size.Item1 + 1
        select new object[] { size.Item1, size.Item2, levels, channels };

    [TestMethod]
    [DynamicData(nameof(Pictures))]
    public void UNet_AnySizeLevelsAndChannels_SizesEqualThoseOfTensors(int height, int width, int levels, int channels)
    {
        var network = new UNet { Channels = 8, Groups = 4, HeadChannels = 4, Multipliers = [.. Enumerable.Range(1, levels)], AttentionFactors = [2], BlocksPerLevel = 1 + channels % 2, PatchSize = height == 28 ? 2 : 1 };
        CompareValues(network, new DataShape(channels, height, width));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(17)]
    public void ResidualMlp_AnyLength_SizesEqualThoseOfTensors(int length) => CompareValues(new ResidualMlp { Width = 16, Dropout = 0.1 }, new DataShape(length));

    [TestMethod]
    public void Vocabulary_EveryWord_SizesEqualThoseOfTensors() => CompareValues(new VocabularyNetwork(), new DataShape(3, 10, 8));

    [TestMethod]
    public void ListParameters_UNetSmall_NamesAndSizesOfDiffusers()
    {
        var parameters = UNet.Small.ListParameters(new DataShape(1, 28, 28), ConditionLayout.Empty).ToDictionary(parameter => parameter.Name, parameter => parameter.Shape);
        var expected = new Dictionary<string, long[]>
        {
            ["conv_in.weight"] = [32, 4, 3, 3],
            ["time_embedding.linear_1.weight"] = [128, 32],
            ["time_embedding.linear_2.bias"] = [128],
            ["down_blocks.0.resnets.0.norm1.weight"] = [32],
            ["down_blocks.0.downsamplers.0.conv.weight"] = [32, 32, 3, 3],
            ["down_blocks.1.resnets.0.conv1.weight"] = [64, 32, 3, 3],
            ["down_blocks.1.resnets.0.time_emb_proj.weight"] = [128, 128],
            ["down_blocks.1.resnets.0.conv_shortcut.weight"] = [64, 32, 1, 1],
            ["mid_block.attentions.0.group_norm.weight"] = [64],
            ["mid_block.attentions.0.to_q.weight"] = [64, 64],
            ["mid_block.attentions.0.to_out.0.bias"] = [64],
            ["mid_block.resnets.1.conv2.weight"] = [64, 64, 3, 3],
            ["up_blocks.0.resnets.1.conv1.weight"] = [64, 128, 3, 3],
            ["up_blocks.1.upsamplers.0.conv.bias"] = [64],
            ["up_blocks.2.resnets.1.conv1.weight"] = [32, 64, 3, 3],
            ["conv_norm_out.bias"] = [32],
            ["conv_out.weight"] = [4, 32, 3, 3],
        };
        foreach (var (name, shape) in expected)
            Assert.AreSequenceEqual(shape, parameters[name], name);
        Assert.IsFalse(parameters.ContainsKey("up_blocks.2.upsamplers.0.conv.weight"));
    }

    [TestMethod]
    public void Forward_ValuesThatDoNotFit_RefusedByNameWithSizes()
    {
        var ops = new ShapeOps();
        var x = ops.ToWorking(ShapeOps.Input(ValueKind.Full, 2, 6, 4, 4));
        Refused(() => ops.GroupNorm(x, "a.norm", 4), "'a.norm': expected channels divisible into 4 groups, got [2, 6, 4, 4]");
        Refused(() => ops.Add(x, ops.ResizeNearest(x, 3, 3)), "'Add': expected [2, 6, 4, 4] and the like, or 1 in dimensions to repeat, got [2, 6, 3, 3]");
        Refused(() => ops.Conv2d(ops.Reshape(x, 96), "a.conv", 8, 3), "'a.conv': expected [B, C, H, W] in working precision, got [2, 96]");
        Refused(() => ops.Silu(ShapeOps.Input(ValueKind.Index, 2, 6)), "'Silu': expected real numbers, got [2, 6] (Index)");
        Refused(() => ops.Linear(ShapeOps.Input(ValueKind.Full, 2, 6), "a", 3), "working precision, got [2, 6] (Full)");
        Refused(() => ops.Conv2d(x, "a.conv", 8, 4), "'a.conv': expected a positive kernel (an odd one unless a padding is given)");
        Refused(() => ops.Conv2d(x, "a.conv", 8, 7, padding: 1), "'a.conv': expected sizes of at least 7 with a padding of 1, got [2, 6, 4, 4]");
        Refused(() => ops.Slice(x, 1, 4, 3), "'Slice': expected places 4 to 6 of dimension 1, got [2, 6, 4, 4]");
        Refused(() => ops.Permute(x, 0, 1, 1, 2), "'Permute': expected as many dimensions as [0, 1, 1, 2] names, each once");
        Refused(() => ops.Expand(x, 1, 9), "'Expand': expected size 1 in dimension 1");
        Refused(() => ops.MatMul(x, ops.Reshape(x, 6, 2, 8)), "'MatMul': expected a matrix that fits [2, 6, 4, 4], got [2, 6, 2, 8]");
        Refused(() => ops.FilterDown(x, [1, -1], 2, 0), "'FilterDown': expected taps whose sum is not 0");
        Refused(() => TwoUses(ops), "Parameter 'b' is used as frozen and as trained");
        Refused(() => ops.Linear(ops.Linear(x, "a", 3), "a", 3), "Parameter 'a.weight' is used with two shapes");
        Refused(() => ops.Concat(x, ops.Reshape(x, 6, 16)), "the sizes of [2, 6, 4, 4] but for dimension 1");
        Refused(() => ops.SpaceToDepth(ops.ResizeNearest(x, 5, 4), 2), "H and W divisible by 2, got [2, 6, 5, 4]");
    }

    [TestMethod]
    public void PeakCount_ChainAndResidual_CountsWhatIsThereAtOneTime()
    {
        // Each value of a chain lives until the next one is made; one that is added at the end lives all along.
        Assert.AreEqual(2 * 12, NetworkProgram.Trace(ops => ops.Silu(ops.Silu(ops.Silu(Start(ops))))).PeakCount);
        Assert.AreEqual(3 * 12, NetworkProgram.Trace(ops =>
        {
            var x = ops.Silu(Start(ops));
            return ops.Add(ops.Silu(ops.Silu(x)), x);
        }).PeakCount);

        static ShapeValue Start(ShapeOps ops) => ops.ToWorking(ShapeOps.Input(ValueKind.Full, 2, 6));
    }

    private static void TwoUses(ShapeOps ops)
    {
        ops.Frozen("b", Initializer.Ones, 2);
        ops.Parameter("b", Initializer.Ones, 2);
    }

    private static void Refused(Action action, string message) => Assert.Contains(message, Assert.ThrowsExactly<ArgumentException>(action).Message);

    private static void CompareValues(Network network, DataShape shape)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var parameters = TestNetworks.Parameters(network, shape);
        using var sinusoids = new NetworkTables(CPU);
        int[] sizes = [2, .. shape.Dimensions];
        var program = NetworkProgram.Trace(network, sizes, TestNetworks.Layout.Slots);
        var torchOps = new TorchOps(program, parameters, sinusoids, null);
        var ops = new PairOps(new ShapeOps(), torchOps);
        var conditions = new ConditionReader(TestNetworks.Layout, CPU).Read(TestNetworks.Conditions(2), 2).Select(condition => new Condition<PairOps.Pair>(
            condition.Slot, Pair(condition.Value, condition.Slot is ClassCondition ? ValueKind.Index : ValueKind.Full), Pair(condition.Present, ValueKind.Full))).ToArray();
        var answer = network.Forward(ops, Pair(TorchOps.Input(TestNetworks.Rows(shape, 2)), ValueKind.Full), Pair(TorchOps.Input(zeros(2)), ValueKind.Full), conditions);
        Assert.AreSequenceEqual(sizes, answer.Shape.Sizes);
        Assert.AreEqual(program.Uses.Length, ops.Values);

        static PairOps.Pair Pair(TorchValue value, ValueKind kind) => new(ShapeOps.Input(kind, [.. value.Tensor.shape.Select(size => (int)size)]), value);
    }
}
