using Microsoft.ML.Data;
using SkiaSharp;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class SampleSheetTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samples-");

    [TestCleanup]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [TestMethod]
    public void Fit_Samples_DrawsSheetsAndLeavesTheWeightsAlone()
    {
        using var plain = Fit(null);
        using var watched = Fit(new(_folder.FullName) { Every = 4, Count = 20, Steps = 3 });
        string[] names = [.. _folder.GetFiles().Select(file => file.Name).Order()];
        Assert.AreSequenceEqual(new[] { "samples-0000004.png", "samples-0000008.png", "samples-0000010.png" }, names);
        using var first = SKBitmap.Decode(Path.Combine(_folder.FullName, names[0]));
        using var last = SKBitmap.Decode(Path.Combine(_folder.FullName, names[2]));
        Assert.IsTrue(first.Bytes.Length == last.Bytes.Length && !first.Bytes.AsSpan().SequenceEqual(last.Bytes), "the same noise through other weights");
        Assert.AreSequenceEqual(TrainedWeights.Of(plain), TrainedWeights.Of(watched));
    }

    [TestMethod]
    public void Fit_SamplesOfVectors_AreRefused()
    {
        var points = Points.Load(_ml, 20);
        var options = Points.Options(1);
        options.Samples = new(_folder.FullName);
        var noised = _ml.Diffusion().Transforms.NoiseSchedule("Point").Fit(points).Transform(points);
        Assert.Contains("draws pictures of 1, 3 or 4 channels", Assert.ThrowsExactly<ArgumentException>(() => _ml.Diffusion().Trainers.Denoiser("Point", options: options).Fit(noised)).Message);
        Assert.ThrowsExactly<ArgumentException>(() => new TrainingSamples(" "));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TrainingSamples("x") { Every = 0 });
    }

    private Transforms.DenoiserTransformer Fit(TrainingSamples? samples)
    {
        var d = _ml.Diffusion();
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 32).Select(i => new Picture { Pixels = [.. Enumerable.Range(0, 64).Select(at => (float)(at * i % 256))], Half = i % 2 == 0 }));
        var options = new DenoiserTrainer.Options { Steps = 10, BatchSize = 8, Network = new UNet { Channels = 8, Multipliers = [1, 1], MiddleAttention = false }, Samples = samples };
        return d.Trainers.Denoiser("Pixels", "Half", options).Fit(d.Transforms.NoiseSchedule("Pixels").Fit(data).Transform(data));
    }

    private sealed class Picture
    {
        [VectorType(1, 8, 8)]
        public float[] Pixels { get; set; } = new float[64];

        public bool Half { get; set; }
    }
}
