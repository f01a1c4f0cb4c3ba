using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class AugmentationTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Fit_AugmentationTold_SamplesAreNotAugmentedAndTheModelTravels()
    {
        using var model = Train(new() { Augmentation = new() { Probability = 0.3 } });
        // Mirrored in half of the training data, in no sample.
        Assert.IsLessThan(0.1, ShareMirrored(model));
        using var file = new MemoryStream();
        _ml.Model.Save(model, null, file);
        var loaded = _ml.Model.Load(file, out _);
        Assert.AreSequenceEqual(Samples(model, 3)[2], Samples(loaded, 3)[2]);
    }

    [TestMethod]
    public void Fit_FlipsUntold_LeakIntoSamples()
    {
        using var model = Train(new() { HorizontalFlips = true });
        // 64 samples: 0.06 is the standard error of a half.
        Assert.AreEqual(0.5, ShareMirrored(model), 0.2);
    }

    [TestMethod]
    public void Fit_AugmentationOfVectorsOrWithFlips_IsRefused()
    {
        var d = _ml.Diffusion();
        var points = Points.Load(_ml, 20);
        var noised = d.Transforms.NoiseSchedule("Point").Fit(points).Transform(points);
        var options = Points.Options(1);
        options.Augmentation = new();
        Assert.Contains("for pictures", Assert.ThrowsExactly<ArgumentException>(() => d.Trainers.Denoiser("Point", options: options).Fit(noised)).Message);
        options.HorizontalFlips = true;
        Assert.Contains("mirrors by itself", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => d.Trainers.Denoiser("Point", options: options)).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new PictureAugmentation { Probability = 0 });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new PictureAugmentation { Shift = double.NaN });
    }

    private TransformerChain<SamplerTransformer> Train(DenoiserTrainer.Options options)
    {
        (options.Steps, options.BatchSize, options.LearningRate) = (150, 32, 5e-3);
        options.Network = new UNet { Channels = 16, Multipliers = [1, 2], MiddleAttention = false };
        var d = _ml.Diffusion();
        return d.Transforms.NoiseSchedule("Pixels").Append(d.Trainers.Denoiser("Pixels", options: options))
            .Append(d.Transforms.Sampler("Sample", new() { Steps = 12, BatchSize = 64 })).Fit(_ml.Data.LoadFromEnumerable(Rows(64)));
    }

    // Bright to the left, with a brightness of each picture's own.
    private static IEnumerable<Picture> Rows(int count)
        => Enumerable.Range(0, count).Select(i => new Picture { Pixels = [.. Enumerable.Range(0, 64).Select(at => at % 8 < 3 ? 100 + 10f * (i % 16) : 0)] });

    private float[][] Samples(ITransformer model, int count)
        => [.. model.Transform(_ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(_ => new Picture()))).GetColumn<float[]>("Sample")];

    private double ShareMirrored(ITransformer model)
        => Samples(model, 64).Count(sample => sample.Where((_, at) => at % 8 < 4).Sum() < sample.Where((_, at) => at % 8 >= 4).Sum()) / 64.0;

    private sealed class Picture
    {
        [VectorType(1, 8, 8)]
        public float[] Pixels { get; set; } = new float[64];
    }
}
