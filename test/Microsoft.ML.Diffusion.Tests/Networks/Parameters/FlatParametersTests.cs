using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public class FlatParametersTests
{
    private static readonly DataShape Shape = new(5);
    private static readonly ResidualMlp Small = new() { Width = 16, Blocks = 2 };
    private static readonly NoiseLevels Level = new(new NoiseLevel(1, 0.7));

    [TestMethod]
    public void Create_SameSeed_SameWeightsWhateverElseTheNetworkHas()
    {
        using var two = FlatParameters.Create(Small.ListParameters(Shape, ConditionLayout.Empty), 5, CPU, Precision.Float32, false);
        using var three = FlatParameters.Create(new ResidualMlp { Width = 16, Blocks = 3 }.ListParameters(Shape, ConditionLayout.Empty), 5, CPU, Precision.Float32, false);
        using var other = FlatParameters.Create(Small.ListParameters(Shape, ConditionLayout.Empty), 6, CPU, Precision.Float32, false);
        Assert.AreSequenceEqual(Weights(two, "blocks.1.linear_1.weight"), Weights(three, "blocks.1.linear_1.weight"));
        Assert.AreNotSequenceEqual(Weights(two, "blocks.1.linear_1.weight"), Weights(other, "blocks.1.linear_1.weight"));
        Assert.AreNotSequenceEqual(Weights(two, "blocks.1.linear_1.weight"), Weights(two, "blocks.0.linear_1.weight"));
        Assert.IsTrue(Weights(two, "blocks.0.norm.weight").All(value => value == 1));
        Assert.IsTrue(Weights(two, "linear_out.weight").All(value => value == 0));
        // Uniform in ±1/√16.
        Assert.IsTrue(Weights(two, "blocks.0.linear_1.weight").All(value => Math.Abs(value) <= 0.25));
        Assert.IsGreaterThan(0.2f, Weights(two, "blocks.0.linear_1.weight").Max());
    }

    [TestMethod]
    [DataRow(Precision.Float32)]
    [DataRow(Precision.BFloat16)]
    public void Backward_Gradients_AccumulateInTheFlatBufferAndLeavePaddingZero(Precision precision)
    {
        using var emulation = new EmulatedBFloat16();
        using var denoiser = TestNetworks.Denoiser(Small, Shape, trainable: true, precision: precision);
        var parameters = denoiser.Parameters;
        using var x = TestNetworks.Rows(Shape, 4);
        parameters.ZeroGradients();
        Backward(denoiser, x);
        parameters.CollectGradients();
        using var once = parameters.Gradients.clone();
        Backward(denoiser, x);
        parameters.CollectGradients();
        using var difference = parameters.Gradients.sub(once.mul(2)).abs().max();
        using var largest = once.abs().max();
        // The sum of two equal numbers is exact in every binary format; backward sums may be ordered differently: in bf16 by a bit.
        Assert.IsLessThanOrEqualTo(precision == Precision.Float32 ? Float32Tolerance.OfNetwork() : 1e-2, difference.item<float>() / largest.item<float>());
        Assert.AreEqual(parameters.Count, parameters.Inventory.Sum(parameter => parameter.Count));
        Assert.IsGreaterThan(parameters.Count, parameters.Length);
        Assert.AreEqual(0, PaddingOf(parameters, once));
        parameters.ZeroGradients();
        parameters.CollectGradients();
        using var zero = parameters.Gradients.abs().max();
        Assert.AreEqual(0, zero.item<float>());
    }

    [TestMethod]
    [DataRow(Precision.Float32)]
    [DataRow(Precision.BFloat16)]
    public void Create_FrozenParameter_LiesBehindTheTrainedOnesInFloat32WithoutGradient(Precision precision)
    {
        using var emulation = new EmulatedBFloat16();
        NetworkParameter[] inventory = [new("a", [3], Initializer.Normal(1)), new("still", [2, 2], Initializer.Normal(1), isFrozen: true), new("b", [4, 2], Initializer.Normal(1))];
        using var parameters = FlatParameters.Create(inventory, 1, CPU, precision, trainable: true);
        Assert.AreEqual(parameters.TrainedLength, parameters.Gradients.size(0));
        Assert.IsLessThan(parameters.Length, parameters.TrainedLength);
        Assert.IsFalse(parameters.Working(1).requires_grad);
        Assert.AreEqual(ScalarType.Float32, parameters.Working(1).dtype);
        var before = Weights(parameters, "still");
        using (no_grad())
            parameters.Trained.zero_();
        parameters.PublishWeights();
        Assert.AreSequenceEqual(before, Weights(parameters, "still"));
        Assert.IsTrue(Weights(parameters, "b").All(value => value == 0));
        using var matrices = parameters.Matrices();
        Assert.AreEqual(8, matrices.sum().item<float>());
    }

    [TestMethod]
    [DataRow(Precision.Float32)]
    [DataRow(Precision.BFloat16)]
    public void PublishWeights_MasterChanged_NetworkSeesIt(Precision precision)
    {
        using var emulation = new EmulatedBFloat16();
        using var denoiser = TestNetworks.Denoiser(Small, Shape, precision: precision);
        using var x = TestNetworks.Rows(Shape, 2);
        using var noGrad = no_grad();
        using var before = denoiser.Answer(x, Level, TestNetworks.Conditions(2));
        denoiser.Parameters.Master.zero_();
        denoiser.Parameters.PublishWeights();
        using var after = denoiser.Answer(x, Level, TestNetworks.Conditions(2));
        Assert.IsGreaterThan(0.01, TestNetworks.Values(before).Max(Math.Abs));
        Assert.AreEqual(0, TestNetworks.Values(after).Max(Math.Abs));
    }

    [TestMethod]
    public void CollectGradients_AfterCreateGraph_SaysThatGradientsWereReplaced()
    {
        using var scope = NewDisposeScope();
        using var denoiser = TestNetworks.Denoiser(Small, Shape, trainable: true);
        using var x = TestNetworks.Rows(Shape, 2);
        denoiser.Parameters.Working(denoiser.Parameters.Inventory.Count - 1).grad = zeros(Shape.Size);
        Assert.Contains("flat buffer", Assert.ThrowsExactly<InvalidOperationException>(denoiser.Parameters.CollectGradients).Message);
    }

    [TestMethod]
    public void Gradients_NotTrainable_Refused()
    {
        using var parameters = TestNetworks.Parameters(Small, Shape);
        Assert.Contains("not trainable", Assert.ThrowsExactly<InvalidOperationException>(() => parameters.Gradients).Message);
        Assert.ThrowsExactly<InvalidOperationException>(parameters.ZeroGradients);
    }

    [TestMethod]
    public void Snapshot_OfTheAverage_HoldsItAndStaysWhenTrainingGoesOn()
    {
        using var parameters = TestNetworks.Parameters(Small, Shape, trainable: true);
        parameters.Ema.fill_(2);
        using var snapshot = parameters.Snapshot(ema: true, Precision.Float32);
        using var plain = parameters.Snapshot(ema: false, Precision.Float32);
        Assert.AreSequenceEqual(Weights(parameters, "linear_in.weight"), Weights(plain, "linear_in.weight"));
        parameters.Ema.fill_(3);
        Assert.IsTrue(Weights(snapshot, "linear_in.weight").All(value => value == 2));
    }

    [TestMethod]
    [DataRow(Precision.Float32)]
    [DataRow(Precision.BFloat16)]
    public void Dispose_AfterUse_ReleasesEveryTensor(Precision precision)
    {
        using var emulation = new EmulatedBFloat16();
        TestNetworks.Parameters(Small, Shape, trainable: true, precision: precision).Dispose();
        long before = TensorLeak.Count();
        using (NewDisposeScope())
        using (var parameters = TestNetworks.Parameters(Small, Shape, trainable: true, precision: precision))
        {
            _ = parameters.Ema;
            parameters.Snapshot(true, precision).Dispose();
            parameters.CollectGradients();
        }
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    [TestMethod]
    public void SaveSafetensors_ThenLoad_SameWeights()
    {
        using var parameters = TestNetworks.Parameters(Small, Shape);
        using var stream = new MemoryStream();
        parameters.SaveSafetensors(stream);
        stream.Position = 0;
        using var loaded = SafetensorsParameters.Load(stream, parameters.Inventory, CPU, Precision.Float32);
        Assert.AreSequenceEqual(TestNetworks.Values(parameters.Master), TestNetworks.Values(loaded.Master));

        stream.Position = 0;
        var wider = new ResidualMlp { Width = 18, Blocks = 2 }.ListParameters(Shape, TestNetworks.Layout);
        var exception = Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsParameters.Load(stream, wider, CPU, Precision.Float32));
        Assert.Contains("Of another shape or type (28)", exception.Message);
        Assert.Contains("expected time_embedding.linear_1.weight [18, 18], got time_embedding.linear_1.weight F32 [16, 16]", exception.Message);
    }

    private static void Backward(NetworkDenoiser denoiser, Tensor x)
    {
        using var answer = denoiser.Answer(x, Level, TestNetworks.Conditions(4));
        using var loss = answer.square().mean();
        loss.backward();
    }

    private static float[] Weights(FlatParameters parameters, string name)
    {
        int index = parameters.Inventory.ToList().FindIndex(parameter => parameter.Name == name);
        var values = new float[parameters.Inventory[index].Count];
        parameters.Read(index, values);
        return values;
    }

    // The largest value between parameters.
    private static double PaddingOf(FlatParameters parameters, Tensor flat)
    {
        var values = TestNetworks.Values(flat);
        double largest = 0;
        long offset = 0;
        foreach (var parameter in parameters.Inventory)
        {
            long end = offset + parameter.Count;
            // Parameters start at multiples of 32 values.
            offset = (end + 31) / 32 * 32;
            for (long i = end; i < offset; i++)
                largest = Math.Max(largest, Math.Abs(values[i]));
        }
        return largest;
    }
}
