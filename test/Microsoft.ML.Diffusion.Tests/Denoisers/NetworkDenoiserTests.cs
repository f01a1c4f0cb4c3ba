using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public class NetworkDenoiserTests
{
    private static readonly DataShape Shape = new(5);
    private static readonly ResidualMlp Network = new() { Width = 16 };
    private static readonly StepContext Step = new(new NoiseLevel(1, 0.7));

    [TestMethod]
    public void Denoise_UntrainedNetwork_GivesTheSkipOfTheParameterization()
    {
        var parameters = FlatParameters.Create(Network.ListParameters(Shape, ConditionLayout.Empty), 1, CPU, Precision.Float32, false);
        using var denoiser = new NetworkDenoiser(Network, Shape, new EdmParameterization(), parameters, ConditionLayout.Empty);
        using var x = TestNetworks.Rows(Shape, 3);
        using var x0 = denoiser.Denoise(x, Step, Conditioning.None).X0;
        using var expected = x.mul(denoiser.Parameterization.At(new NoiseLevel(1, 0.7)).Skip);
        Assert.AreSequenceEqual(TestNetworks.Values(expected), TestNetworks.Values(x0));
    }

    [TestMethod]
    public void Denoise_OneLevelPerRow_EqualsRowsAtTheirOwnLevel()
    {
        using var denoiser = TestNetworks.Denoiser(Network, Shape);
        using var x = TestNetworks.Rows(Shape, 2);
        NoiseLevel[] levels = [new(1, 0.3), new(0.2, 0.9)];
        using var both = denoiser.Denoise(x, new StepContext(new NoiseLevels(levels)), TestNetworks.Conditions(2)).X0;
        for (int row = 0; row < 2; row++)
        {
            using var one = denoiser.Denoise(x, new StepContext(levels[row]), TestNetworks.Conditions(2)).X0;
            using var expected = one.narrow(0, row, 1);
            using var got = both.narrow(0, row, 1);
            // The same numbers but for coefficients that are rounded to Float32 before the product.
            Assert.IsLessThan(Float32Tolerance.OfNetwork(), TestNetworks.Distance(expected, got));
        }
    }

    [TestMethod]
    public void Denoise_ScaledStateAndLevel_SameAnswer()
    {
        using var denoiser = TestNetworks.Denoiser(Network, Shape);
        using var x = TestNetworks.Rows(Shape, 2);
        using var scaled = x.mul(0.25);
        using var a = denoiser.Denoise(x, new StepContext(new NoiseLevel(1, 0.8)), TestNetworks.Conditions(2)).X0;
        using var b = denoiser.Denoise(scaled, new StepContext(new NoiseLevel(0.25, 0.2)), TestNetworks.Conditions(2)).X0;
        Assert.IsLessThan(Float32Tolerance.OfNetwork(), TestNetworks.Distance(a, b));
    }

    [TestMethod]
    public void Denoise_Float64_AnswersInFloat64()
    {
        using var denoiser = TestNetworks.Denoiser(Network, Shape);
        using var x = TestNetworks.Rows(Shape, 2);
        using var wide = x.to(ScalarType.Float64);
        using var a = denoiser.Denoise(x, Step, TestNetworks.Conditions(2)).X0;
        using var b = denoiser.Denoise(wide, Step, TestNetworks.Conditions(2)).X0;
        Assert.AreEqual(ScalarType.Float64, b.dtype);
        Assert.IsLessThan(Float32Tolerance.OfNetwork(), TestNetworks.Distance(a, b));
    }

    [TestMethod]
    public void Denoise_BFloat16_NearFloat32()
    {
        using var emulation = new EmulatedBFloat16();
        foreach (var (network, shape) in new (Network, DataShape)[] { (Network, Shape), (UNet.Small, new DataShape(1, 16, 16)) })
        {
            using var exact = TestNetworks.Denoiser(network, shape);
            using var rough = TestNetworks.Denoiser(network, shape, precision: Precision.BFloat16);
            using var x = TestNetworks.Rows(shape, 4);
            using var a = exact.Answer(x, new NoiseLevel(1, 0.7), TestNetworks.Conditions(4));
            using var b = rough.Answer(x, new NoiseLevel(1, 0.7), TestNetworks.Conditions(4));
            Assert.AreEqual(ScalarType.Float32, b.dtype);
            // bf16 rounds to 1/256; errors of some tens of layers add up like a random walk.
            Assert.IsLessThan(0.1 * TestNetworks.Values(a).Max(Math.Abs), TestNetworks.Distance(a, b));
        }
    }

    [TestMethod]
    public void Denoise_StepInBFloat16_AnswersAsParametersInBFloat16AndLeavesTheOthersAlone()
    {
        using var emulation = new EmulatedBFloat16();
        using var denoiser = TestNetworks.Denoiser(Network, Shape);
        using var narrow = new NetworkDenoiser(Network, Shape, denoiser.Parameterization, denoiser.Parameters.Snapshot(ema: false, Precision.BFloat16), TestNetworks.Layout);
        using var x = TestNetworks.Rows(Shape, 3);
        using var before = denoiser.Denoise(x, Step, TestNetworks.Conditions(3)).X0;
        using var rough = new PrecisionDenoiser(denoiser, Precision.BFloat16).Denoise(x, Step, TestNetworks.Conditions(3)).X0;
        using var expected = narrow.Denoise(x, Step, TestNetworks.Conditions(3)).X0;
        using var after = denoiser.Denoise(x, Step, TestNetworks.Conditions(3)).X0;
        Assert.AreSequenceEqual(TestNetworks.Values(expected), TestNetworks.Values(rough));
        Assert.AreNotSequenceEqual(TestNetworks.Values(before), TestNetworks.Values(rough));
        Assert.AreSequenceEqual(TestNetworks.Values(before), TestNetworks.Values(after));
    }

    [TestMethod]
    public void Denoise_MissingConditions_DifferFromPresentOnesAndNaNAnywhereIsMissing()
    {
        using var denoiser = TestNetworks.Denoiser(Network, Shape);
        using var x = TestNetworks.Rows(Shape, 1);
        var present = Answer(3, 1, 2, 3);
        Assert.AreNotSequenceEqual(present, Answer(0, 1, 2, 3));
        Assert.AreNotSequenceEqual(present, Answer(3, float.NaN, float.NaN, float.NaN));
        Assert.AreNotSequenceEqual(Answer(3, 0, 0, 0), Answer(3, float.NaN, float.NaN, float.NaN));
        Assert.AreSequenceEqual(Answer(3, 1, float.NaN, 3), Answer(3, float.NaN, float.NaN, float.NaN));

        float[] Answer(params float[] packed)
        {
            using var conditions = tensor(packed, 1, 4);
            using var x0 = denoiser.Denoise(x, Step, new Conditioning(TestNetworks.Layout, conditions)).X0;
            return TestNetworks.Values(x0);
        }
    }

    [TestMethod]
    public void Denoise_GuidanceInputsAtTheEnd_Ignored()
    {
        using var denoiser = TestNetworks.Denoiser(Network, Shape);
        using var x = TestNetworks.Rows(Shape, 2);
        var conditions = TestNetworks.Conditions(2);
        using var extra = full(2, 1, float.NaN);
        using var longer = cat([conditions.Packed, extra], 1);
        using var expected = denoiser.Denoise(x, Step, conditions).X0;
        using var got = denoiser.Denoise(x, Step, new Conditioning(TestNetworks.Layout.Append(new GuidanceInput("Scale", 1)), longer)).X0;
        Assert.AreSequenceEqual(TestNetworks.Values(expected), TestNetworks.Values(got));
    }

    [TestMethod]
    [DataRow(11f)]
    [DataRow(-1f)]
    [DataRow(2.5f)]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    public void Denoise_ClassOutOfRange_RefusedBeforeNativeCode(float value)
    {
        using var denoiser = TestNetworks.Denoiser(Network, Shape);
        using var x = TestNetworks.Rows(Shape, 1);
        using var packed = tensor(new[] { value, 0, 0, 0 }, 1, 4);
        var exception = Assert.ThrowsExactly<ArgumentException>(() => denoiser.Denoise(x, Step, new Conditioning(TestNetworks.Layout, packed)));
        Assert.Contains("Condition 'Class' of row 0: expected a class 1 to 10, or 0 for none, got", exception.Message);
    }

    [TestMethod]
    public void Denoise_BatchThatDoesNotFit_Refused()
    {
        using var denoiser = TestNetworks.Denoiser(Network, Shape);
        using var x = TestNetworks.Rows(Shape, 2);
        using var wide = zeros(2, 6);
        using var whole = zeros(2, 5, dtype: ScalarType.Int64);
        var conditions = TestNetworks.Conditions(2);
        Refused("samples [5], got [2, 6]", () => denoiser.Denoise(wide, Step, conditions));
        Refused("real numbers", () => denoiser.Denoise(whole, Step, conditions));
        Refused("2 rows but 3 noise levels", () => denoiser.Denoise(x, new StepContext(new NoiseLevels([new(1, 1), new(1, 1), new(1, 1)])), conditions));
        Refused("2 rows but 3 rows of conditions", () => denoiser.Denoise(x, Step, TestNetworks.Conditions(3)));
        Refused("trained with the conditions", () => denoiser.Denoise(x, Step, Conditioning.None));
    }

    [TestMethod]
    public void Construct_PartsThatDoNotFit_Refused()
    {
        using var parameters = TestNetworks.Parameters(Network, Shape);
        Refused("not those of the network", () => _ = new NetworkDenoiser(new ResidualMlp { Width = 20 }, Shape, new EdmParameterization(), parameters, TestNetworks.Layout));
        Refused("guidance inputs", () => _ = new NetworkDenoiser(Network, Shape, new EdmParameterization(), parameters, TestNetworks.Layout.Append(new GuidanceInput("Scale", 1))));
    }

    private static void Refused(string message, Action action) => Assert.Contains(message, Assert.ThrowsExactly<ArgumentException>(action).Message);
}
