using System.Text.Json;
using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public class NetworkShelfTests
{
    private static readonly DataShape Shape = new(5);
    private static readonly StepContext Step = new(new NoiseLevel(1, 0.7));

    [TestMethod]
    public void Read_WhatWasWritten_AnswersAlike()
    {
        using var denoiser = TestNetworks.Denoiser(new ResidualMlp { Width = 16 }, Shape);
        using var copy = RoundTrip(new Pair(denoiser, denoiser.Trained)).Denoiser;
        using var x = TestNetworks.Rows(Shape, 3);
        using var expected = denoiser.Denoise(x, Step, TestNetworks.Conditions(3)).X0;
        using var got = copy.Denoise(x, Step, TestNetworks.Conditions(3)).X0;
        Assert.AreSequenceEqual(TestNetworks.Values(expected), TestNetworks.Values(got));
    }

    [TestMethod]
    public void Read_ANetworkInTwoPlaces_IsOneWithTwoShares()
    {
        using var denoiser = TestNetworks.Denoiser(new ResidualMlp { Width = 16 }, Shape);
        var (first, second) = RoundTrip(new Pair(denoiser, denoiser.Trained));
        Assert.AreSame(first.Trained, second);
        first.Dispose();
        using (second.Share())
            Assert.IsGreaterThan(0, second.Parameters.Count);
        second.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(second.Share);
    }

    [TestMethod]
    public void Write_TwoNetworks_NumbersThemInOrder()
    {
        using var denoiser = TestNetworks.Denoiser(new ResidualMlp { Width = 16 }, Shape);
        using var other = TestNetworks.Denoiser(new ResidualMlp { Width = 8 }, Shape);
        var shelf = NetworkShelf.ForWriting();
        JsonSerializer.Serialize(new Pair(denoiser, other.Trained), shelf.Options);
        Assert.AreSequenceEqual([denoiser.Trained, other.Trained], [.. shelf.Networks]);
    }

    [TestMethod]
    public void Read_TwoNetworksOfOneNumber_AreRefusedWhereTheyDiffer()
    {
        using var denoiser = TestNetworks.Denoiser(new ResidualMlp { Width = 16 }, Shape);
        using var other = TestNetworks.Denoiser(new ResidualMlp { Width = 8 }, Shape);
        var pair = new Pair(denoiser, other.Trained);
        Assert.Contains("number 0", Assert.ThrowsExactly<JsonException>(() => RoundTrip(pair, json => json.Replace("\"weights\":1", "\"weights\":0", StringComparison.Ordinal))).Message);
    }

    [TestMethod]
    public void Read_AnyMemberMissing_SaysSo()
    {
        using var denoiser = TestNetworks.Denoiser(new ResidualMlp { Width = 16 }, Shape);
        var pair = new Pair(denoiser, denoiser.Trained);
        foreach (string member in new[] { "network", "shape", "conditions", "weights" })
            Assert.Contains(member, Assert.ThrowsExactly<JsonException>(() => RoundTrip(pair, json => JsonLeaves.Without(json, ["network", member]))).Message);
    }

    private static Pair RoundTrip(Pair pair, Func<string, string>? change = null)
    {
        var writing = NetworkShelf.ForWriting();
        string json = JsonSerializer.Serialize(pair, writing.Options);
        json = change?.Invoke(json) ?? json;
        var streams = writing.Networks.Select(network =>
        {
            var stream = new MemoryStream();
            network.Parameters.SaveSafetensors(stream);
            return stream;
        }).ToArray();
        var reading = NetworkShelf.ForReading((number, inventory) =>
        {
            streams[number].Position = 0;
            return SafetensorsParameters.Load(streams[number], inventory, CPU, Precision.Float32);
        });
        return JsonSerializer.Deserialize<Pair>(json, reading.Options)!;
    }

    private sealed record Pair(NetworkDenoiser Denoiser, TrainedNetwork Network);
}
