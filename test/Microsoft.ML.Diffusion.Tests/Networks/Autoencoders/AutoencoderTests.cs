using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public class AutoencoderTests
{
    private static readonly DataShape Shape = new(3, 8, 16);

    private static KlAutoencoder Kl => new() { Channels = [8, 8], Groups = 4, LatentChannels = 2, LatentScale = 0.5, LatentShift = 0.25 };

    private static VqAutoencoder Vq => new() { Channels = [8, 16], Groups = 4, LatentChannels = 3, CodeWidth = 2, Codes = 7, UpAttention = [true, false] };

    [TestMethod]
    public void Encode_Kl_MeansShiftedAndScaled()
    {
        using var scope = NewDisposeScope();
        using var model = Model(Kl);
        Assert.AreEqual(new DataShape(2, 4, 8), model.LatentShape);
        var x = TestNetworks.Rows(Shape, 2);
        var latents = model.Encode(x);
        using var plain = Model(new KlAutoencoder { Channels = [8, 8], Groups = 4, LatentChannels = 2, LatentScale = 1 });
        var expected = (plain.Encode(x) - 0.25) * 0.5;
        // Rounding of Float32.
        Assert.IsLessThan(Float32Tolerance.OfNetwork(), TestNetworks.Distance(expected, latents));
        Assert.IsLessThan(Float32Tolerance.OfNetwork(), TestNetworks.Distance(plain.Decode(latents / 0.5 + 0.25), model.Decode(latents)));
        Assert.AreSequenceEqual((long[])[2, 3, 8, 16], model.Decode(latents).shape);
    }

    [TestMethod]
    public void Sample_ManyDraws_HaveTheMomentsOfTheDistribution()
    {
        using var scope = NewDisposeScope();
        var moments = cat([full(4096, 1, 2, 2, 3f), full(4096, 1, 2, 2, MathF.Log(0.25f))], 1);
        using var gaussian = new LatentGaussian(moments);
        var sample = gaussian.Sample(new RowNoise(1, [.. Enumerable.Range(0, 4096).Select(row => new RowKey((ulong)row))]), 0);
        // 16,384 numbers of deviation 0.5: four deviations of their mean and of their deviation.
        Assert.AreEqual(3, sample.mean().item<float>(), 4 * 0.5 / 128);
        Assert.AreEqual(0.5, sample.std().item<float>(), 4 * 0.5 / 181);
        // ½·(μ² + σ² − 1 − ln σ²) for each of 4 places.
        Assert.AreEqual(4 * 0.5 * (9 + 0.25 - 1 - Math.Log(0.25)), gaussian.Divergence()[0].item<float>(), 1e-4);
        using var wild = new LatentGaussian(full(1, 2, 1, 1, 1e9f));
        Assert.AreEqual(20, wild.LogVariance.item<float>());
    }

    [TestMethod]
    public void Quantize_AnyLatents_TheNearestCodesAndThemselvesAgain()
    {
        using var scope = NewDisposeScope();
        var vq = Vq;
        using var model = Model(vq);
        var latents = TestNetworks.Rows(model.LatentShape, 2);
        var codes = Run(model, latents, vq.Quantize, vq.Quantize);
        Assert.AreSequenceEqual(TestNetworks.Values(codes), TestNetworks.Values(Run(model, codes, vq.Quantize, vq.Quantize)));
        int place = Enumerable.Range(0, model.Parameters.Inventory.Count).First(i => model.Parameters.Inventory[i].Name == "quantize.embedding.weight");
        var book = new float[model.Parameters.Inventory[place].Count];
        model.Parameters.Read(place, book);
        var all = tensor(book, 7, 2);
        var distances = cdist(latents.permute(0, 2, 3, 1).reshape(-1, 2), all);
        Assert.AreSequenceEqual(distances.argmin(1).data<long>().ToArray(), Run(model, latents, vq.Nearest, vq.Nearest).flatten().data<long>().ToArray());
        // Decoding takes the nearest codes itself, to the rounding of Float32.
        Assert.IsLessThan(Float32Tolerance.OfNetwork(), TestNetworks.Distance(model.Decode(latents * 0.18215), model.Decode(codes * 0.18215)));
    }

    [TestMethod]
    public void Decode_AnyTimes_LeavesNoTensorButTheResult()
    {
        using var model = Model(Vq);
        using var x = TestNetworks.Rows(Shape, 2);
        TensorLeak.AssertNone(() =>
        {
            using var latents = model.Encode(x);
            model.Decode(latents).Dispose();
        });
    }

    [TestMethod]
    public void Json_RoundTrip_KeepsEveryOption()
    {
        foreach (Autoencoder autoencoder in new Autoencoder[] { Kl, Vq, new KlAutoencoder { EncoderProjection = false, DecoderProjection = false, MiddleAttention = false } })
            Assert.AreEqual(ModelJson.Write(autoencoder), ModelJson.Write(ModelJson.Read<Autoencoder>(ModelJson.Write(autoencoder))));
    }

    [TestMethod]
    public void Validate_WhatDoesNotFit_RefusedByName()
    {
        Assert.Contains("divisible by 2, got [3, 7, 8]", Assert.ThrowsExactly<ArgumentException>(() => Kl.ListParameters(new DataShape(3, 7, 8))).Message);
        Assert.Contains("12 of the Channels are not divisible by Groups 8", Assert.ThrowsExactly<ArgumentException>(() => new KlAutoencoder { Channels = [12], Groups = 8 }.ListParameters(Shape)).Message);
        using var model = Model(Kl);
        using var x = TestNetworks.Rows(new DataShape(3, 8, 8), 1);
        Assert.Contains("takes batches [3, 8, 16], got [1, 3, 8, 8]", Assert.ThrowsExactly<ArgumentException>(() => model.Encode(x)).Message);
    }

    private static AutoencoderModel Model(Autoencoder autoencoder)
        => new(autoencoder, Shape, FlatParameters.Create(autoencoder.ListParameters(Shape), 1, CPU, Precision.Float32, trainable: false));

    private static Tensor Run(AutoencoderModel model, Tensor x, Func<ShapeOps, ShapeValue, ShapeValue> sizes, Func<TorchOps, TorchValue, TorchValue> tensors)
    {
        using var noGrad = no_grad();
        using var tables = new NetworkTables(CPU);
        var program = NetworkProgram.Trace(ops => sizes(ops, ShapeOps.Input(ValueKind.Full, [.. x.shape.Select(size => (int)size)])), model.Parameters.Inventory);
        var ops = new TorchOps(program, model.Parameters, tables, null);
        return ops.Finish(tensors(ops, TorchOps.Input(x)));
    }
}
