using Microsoft.ML.Diffusion.TestSupport.Golden;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>
/// lucidrains' Unet with self_condition: the reference doubles the input channels and puts the estimate before x (<c>torch.cat((x_self_cond, x), dim=1)</c>), and nothing else changes. So with the
/// weights of a recorded network on one half of the first convolution and zeros on the other, its answers are the recorded ones.
/// </summary>
[TestClass]
public sealed class LinearAttentionSelfConditioningTests
{
    private const string First = "init_conv.weight";

    [TestMethod]
    public void Answer_WeightsOfTheReferenceBehindTheEstimate_IsTheReferences() => Compare((golden, zeros) => cat([zeros, golden], 1), (x, other) => (x, other));

    [TestMethod]
    public void Answer_WeightsOfTheReferenceOnTheEstimate_SeesTheEstimateFirst() => Compare((golden, zeros) => cat([golden, zeros], 1), (x, other) => (other, x));

    private static void Compare(Func<Tensor, Tensor, Tensor> widen, Func<Tensor, Tensor, (Tensor X, Tensor Previous)> place)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var file = GoldenFile.Read(Path.Combine(GoldenFolder.Path, "networks", "lucidrains_unet.json"));
        using var golden = new NetworkGolden(file, file.Cases[0]);
        var plain = new LinearAttentionUNet { Channels = 8, Multipliers = [1, 2], Heads = [2], HeadChannels = [8], FullAttention = [1] };
        var network = new LinearAttentionUNet { Channels = 8, Multipliers = [1, 2], Heads = [2], HeadChannels = [8], FullAttention = [1], WithSelfConditioning = true };
        var shape = new DataShape([.. golden.Sizes("x").Skip(1)]);
        using var stream = golden.OpenWeights();
        using var recorded = SafetensorsParameters.Load(stream, plain.ListParameters(shape, ConditionLayout.Empty), CPU, Precision.Float32, map: KnownWeightMaps.Lucidrains);
        var parameters = FlatParameters.Create(network.ListParameters(shape, ConditionLayout.Empty), 1, CPU, Precision.Float32, false);
        for (int i = 0; i < parameters.Inventory.Count; i++)
        {
            int source = Enumerable.Range(0, recorded.Inventory.Count).Single(j => recorded.Inventory[j].Name == parameters.Inventory[i].Name);
            var weight = recorded.Working(source);
            parameters.Write(i, TestNetworks.Values(parameters.Inventory[i].Name == First ? widen(weight, zeros_like(weight)) : weight));
        }
        parameters.PublishWeights();
        using var trained = new TrainedNetwork(network, shape, ConditionLayout.Empty, parameters);
        var x = golden.Input("x");
        var (noisy, estimate) = place(x, ones_like(x));
        var comparison = new GoldenComparison();
        golden.Compare(comparison, "out", trained.Answer(noisy, golden.Input("time").data<float>().ToArray(), Conditioning.None, previous: estimate));
        Assert.IsEmpty(comparison.Mismatches);
    }
}
