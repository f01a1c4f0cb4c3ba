using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class NoisyNetworkTests
{
    private static readonly DataShape s_shape = new(3);

    [TestMethod]
    public void Answer_AnyLevel_IsTheNetworksToTheScaledInput()
    {
        using var trained = Trained(new ResidualMlp { Width = 8, Blocks = 1, Answers = 4 });
        var network = new NoisyNetwork(trained, 0.5);
        using var x = TestNetworks.Rows(s_shape, 3);
        var level = new NoiseLevel(0.8, 1.2);
        using var got = network.Answer(x, level);
        // c_in of Karras et al. 2022, Table 1, for any α.
        using TorchSharp.Scalar scale = 1 / Math.Sqrt(0.64 * 0.25 + 1.44);
        using var scaled = x.mul(scale);
        float told = (float)(Math.Log(1.5) / 4);
        using var expected = trained.Answer(scaled, [told, told, told], Conditioning.None);
        // The same sums of inputs that differ by rounding.
        Assert.IsLessThan(Float32Tolerance.OfNetwork(), TestNetworks.Distance(expected, got));
    }

    [TestMethod]
    public void Answer_CleanerThanTraining_IsToldTheCleanestLevel()
    {
        using var trained = Trained(new ResidualMlp { Width = 8, Blocks = 1, Answers = 4 });
        using var x = TestNetworks.Rows(s_shape, 2);
        using var clean = new NoisyNetwork(trained, 0.5, leastRatio: 0.01).Answer(x, NoiseLevel.Clean);
        using var least = new NoisyNetwork(trained, 0.5).Answer(x, NoiseLevel.FromRatio(0.01));
        using var unlimited = new NoisyNetwork(trained, 0.5).Answer(x, NoiseLevel.Clean);
        // The input differs by the noise's share in the variance, 1 in 5,000; the level, told as itself, by more.
        double close = TestNetworks.Distance(clean, least);
        Assert.IsLessThan(5e-4, close);
        Assert.IsGreaterThan(3 * close, TestNetworks.Distance(clean, unlimited));
    }

    [TestMethod]
    public void LogProbabilities_AreProbabilitiesAndReadBackAlike()
    {
        using var trained = Trained(new ResidualMlp { Width = 8, Blocks = 1, Answers = 4 });
        var classifier = new NoisyClassifier(new NoisyNetwork(trained, 0.7, new LogRatioInput(0.5), 0.001));
        Assert.AreEqual(4, classifier.Classes);
        using var x = TestNetworks.Rows(s_shape, 3).requires_grad_();
        using var logarithms = classifier.LogProbabilities(x, NoiseLevel.FromRatio(2));
        foreach (float[] row in logarithms.data<float>().ToArray().Chunk(4))
            Assert.AreEqual(1, row.Sum(MathF.Exp), Float32Tolerance.OfSums(16));
        using var sum = logarithms.square().sum();
        sum.backward();
        using var gradient = x.grad!;
        Assert.IsGreaterThan(0, TestNetworks.Values(gradient).Max(Math.Abs));

        var writing = NetworkShelf.ForWriting();
        string json = JsonSerializer.Serialize<IClassifier>(classifier, writing.Options);
        var reading = NetworkShelf.ForReading((_, inventory) => trained.Parameters.CopyPart(0, inventory));
        var copy = JsonSerializer.Deserialize<IClassifier>(json, reading.Options)!;
        using var owned = copy.Networks.Single();
        using var again = copy.LogProbabilities(x, NoiseLevel.FromRatio(2));
        Assert.AreSequenceEqual(TestNetworks.Values(logarithms), TestNetworks.Values(again));
    }

    [TestMethod]
    public void Embed_AnyLevel_IsOfUnitLengthAndZerosHaveAGradient()
    {
        using var trained = Trained(new ResidualMlp { Width = 8, Blocks = 1, Answers = 6 });
        var encoder = new NoisyEncoder(new NoisyNetwork(trained, 0.5));
        Assert.AreEqual(6, encoder.Size);
        using var x = TestNetworks.Rows(s_shape, 3);
        using var vectors = encoder.Embed(x, NoiseLevel.FromRatio(0.1));
        foreach (float[] row in vectors.data<float>().ToArray().Chunk(6))
            Assert.AreEqual(1, row.Sum(value => (double)value * value), Float32Tolerance.OfSums(16));
        using var nothing = zeros(2, 3).requires_grad_();
        using var units = UnitVectors.Of(nothing);
        using var sum = units.sum();
        sum.backward();
        using var gradient = nothing.grad!;
        Assert.IsTrue(TestNetworks.Values(gradient).All(float.IsFinite));
    }

    [TestMethod]
    public void ConditionEncoder_EachKindOfCondition_CountsAndIsOfUnitLength()
    {
        ConditionSlot[] slots = [new ClassCondition("Class", 3), new VectorCondition("Vector", 2), new SequenceCondition("Sequence", 2, 2), new TokensCondition("Text", 3, 5)];
        var layout = new ConditionLayout(slots);
        var network = new ConditionEncoder(4) { Width = 8, Text = new TokenEncoder { Width = 8, Heads = 2, Depth = 1 } };
        using var trained = new TrainedNetwork(network, new DataShape(1), layout, FlatParameters.Create(network.ListParameters(new DataShape(1), layout), 1, CPU, Precision.Float32, trainable: false));
        var encoder = new TrainedConditionEncoder(trained);
        float[] row = [2, 0.5f, -0.5f, 1, 2, 3, 4, 1, 5, 0];
        float[] Embed(float[] values)
        {
            using var packed = tensor(values, [1, layout.Width]);
            using var vector = encoder.Embed(new Conditioning(layout, packed));
            return TestNetworks.Values(vector);
        }

        float[] whole = Embed(row);
        Assert.AreEqual(1, whole.Sum(value => value * value), Float32Tolerance.OfSums(16));
        for (int i = 0; i < slots.Length; i++)
        {
            float[] without = [.. row];
            without.AsSpan(layout.OffsetOf(i), slots[i].Width).Fill(slots[i].Missing);
            Assert.IsTrue(slots[i].IsMissing(without.AsSpan(layout.OffsetOf(i), slots[i].Width)));
            Assert.IsFalse(slots[i].IsMissing(row.AsSpan(layout.OffsetOf(i), slots[i].Width)));
            Assert.IsGreaterThan(1e-3, whole.Zip(Embed(without), (a, b) => Math.Abs(a - b)).Max(), slots[i].Name);
            Assert.IsFalse(layout.IsMissing(without), "others are there");
        }
        layout.WriteMissing(row);
        Assert.IsTrue(layout.IsMissing(row));
        Assert.AreEqual(ModelJson.Write<Network>(network), ModelJson.Write(ModelJson.Read<Network>(ModelJson.Write<Network>(network))));
    }

    [TestMethod]
    public void Constructors_NetworksThatDoNotFit_AreRefused()
    {
        using var one = Trained(new ResidualMlp { Width = 8, Answers = 1 });
        Assert.Contains("at least two classes", Assert.ThrowsExactly<ArgumentException>(() => new NoisyClassifier(new NoisyNetwork(one, 1))).Message);
        using var sequence = Trained(new LinearAttentionUNet { Channels = 8, Multipliers = [1, 2], Heads = [2], HeadChannels = [4] }, new DataShape(1, 8));
        Assert.Contains("expected a vector", Assert.ThrowsExactly<ArgumentException>(() => new NoisyEncoder(new NoisyNetwork(sequence, 1))).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new NoisyNetwork(one, 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new NoisyNetwork(one, 1, leastRatio: -1));
        Assert.ThrowsExactly<ArgumentException>(() => new TrainedConditionEncoder(one));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new HalfUNet(0));
        Assert.ThrowsExactly<ArgumentException>(() => new HalfUNet(2) { Whole = new UNet { WithVariance = true } });
        Assert.ThrowsExactly<ArgumentException>(() => new ResidualMlp { Answers = 2, WithVariance = true }.Validate(s_shape));
    }

    [TestMethod]
    public void Part_OfParameters_SeesTheirValuesAndOwnsNothing()
    {
        NetworkParameter[] inventory = [new("a", [2], Initializer.Ones), new("b", [3], Initializer.Zeros), new("c", [1], Initializer.Ones)];
        using var whole = FlatParameters.Create(inventory, 1, CPU, Precision.Float32, trainable: true);
        whole.Write(1, [1, 2, 3]);
        NetworkParameter[] names = [new("own", [3], Initializer.Zeros)];
        using (var part = whole.Part(1, names))
        using (var copy = whole.CopyPart(1, names))
        {
            var values = new float[3];
            foreach (var one in new[] { part, copy })
            {
                one.Read(0, values);
                Assert.AreSequenceEqual(new float[] { 1, 2, 3 }, values);
            }
            whole.Write(1, [4, 5, 6]);
            part.Read(0, values);
            Assert.AreSequenceEqual(new float[] { 4, 5, 6 }, values);
            copy.Read(0, values);
            Assert.AreSequenceEqual(new float[] { 1, 2, 3 }, values);
            Assert.ThrowsExactly<ArgumentException>(() => whole.Part(0, names));
        }
        using var alive = whole.Master.sum();
        Assert.AreEqual(18f, alive.item<float>());
    }

    private static TrainedNetwork Trained(Network network, DataShape? shape = null)
    {
        shape ??= s_shape;
        return new TrainedNetwork(network, shape, ConditionLayout.Empty, FlatParameters.Create(network.ListParameters(shape, ConditionLayout.Empty), 3, CPU, Precision.Float32, trainable: false));
    }
}
