using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>The networks that trainers take by themselves take every size.</summary>
[TestClass]
public sealed class AnySizeTests
{
    public static IEnumerable<object[]> Cases =>
    [
        .. from size in new[] { (30, 33), (9, 16), (5, 7), (1, 64), (64, 1), (2, 2), (1, 1) }
           select new object[] { UNet.Small, new DataShape(3, size.Item1, size.Item2) },
        [UNet.Medium, new DataShape(1, 5, 7)],
        [new UNet { Channels = 8, Groups = 4, HeadChannels = 4, Multipliers = [1, 2], PatchSize = 3 }, new DataShape(2, 7, 8)],
        .. from length in new[] { 1, 2, 3, 7, 30 } select new object[] { LinearAttentionUNet.Small, new DataShape(2, length) },
        [LinearAttentionUNet.Small, new DataShape(1, 5, 7)],
    ];

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Denoise_AnySize_AnswersInThatSize(Network network, DataShape shape)
    {
        using var scope = NewDisposeScope();
        using var denoiser = TestNetworks.Denoiser(network, shape);
        var x = TestNetworks.Rows(shape, 2);
        var x0 = denoiser.Denoise(x, new StepContext(new NoiseLevel(1, 0.7)), TestNetworks.Conditions(2)).X0;
        Assert.AreSequenceEqual(x.shape, x0.shape);
        Assert.IsTrue(isfinite(x0).all().item<bool>());
        // Every place counts: none is only padding.
        var last = x.clone();
        last.flatten(1).select(1, -1).add_(1);
        var changed = denoiser.Denoise(last, new StepContext(new NoiseLevel(1, 0.7)), TestNetworks.Conditions(2)).X0;
        Assert.IsGreaterThan(0f, (changed - x0).flatten(1).select(1, -1).abs().min().item<float>());
    }
}
