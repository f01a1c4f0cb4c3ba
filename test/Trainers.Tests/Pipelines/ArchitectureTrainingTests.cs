using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class ArchitectureTrainingTests
{
    private readonly MLContext _ml = new(seed: 1);

    public static IEnumerable<object[]> Pictures =>
    [
        ["DDPM++", new SongUNet { Channels = 16, Multipliers = [1, 2], BlocksPerLevel = 1, AttentionSizes = [], Dropout = 0 }],
        ["NCSN++", new SongUNet { Channels = 16, Multipliers = [1, 2], BlocksPerLevel = 1, AttentionSizes = [4], Dropout = 0, Embedding = EdmEmbedding.Fourier, Encoder = EdmEncoder.Residual, ResampleTaps = [1, 3, 3, 1] }],
        ["ADM of EDM", new DhariwalUNet { Channels = 16, Multipliers = [1, 2], BlocksPerLevel = 1, AttentionSizes = [], Dropout = 0 }],
        ["DiT", new DiT { Width = 32, Depth = 2, Heads = 2, LevelFeatures = 32 }],
        ["ADM", new AdmUNet { Channels = 32, Multipliers = [1, 1], BlocksPerLevel = 1 }],
        ["linear attention", new LinearAttentionUNet { Channels = 16, Multipliers = [1, 2], HeadChannels = [8] }],
    ];

    [TestMethod]
    [DynamicData(nameof(Pictures))]
    public void Fit_PicturesWithClasses_LossFalls(string name, Network network)
    {
        // A bright half on the side of the class.
        var rows = Enumerable.Range(0, 64).Select(i => new PictureRow
        {
            Side = i % 2 == 0 ? "left" : "right",
            Pixels = [.. Enumerable.Range(0, 64).Select(place => (place % 8 < 4) == (i % 2 == 0) ? 200f + i % 5 : 20f)],
        });
        var d = _ml.Diffusion();
        Falls(name, network, _ml.Transforms.Conversion.MapValueToKey("Side").Append(d.Transforms.NoiseSchedule("Pixels")), "Pixels", "Side", _ml.Data.LoadFromEnumerable(rows));
    }

    [TestMethod]
    public void Fit_MlpOfTabDdpm_LossFalls()
        => Falls("MLP of TabDDPM", TabularMlp.Default, _ml.Transforms.Conversion.MapValueToKey("Cloud").Append(_ml.Diffusion().Transforms.NoiseSchedule("Point")), "Point", "Cloud", Points.Load(_ml), steps: 1000, share: 0.9);

    [TestMethod]
    public void Fit_Sequences_SamplesAreSuchSignals()
    {
        const int Length = 16;
        // Two periods of a sine, and in the second channel its double: any phase.
        var rows = Enumerable.Range(0, 256).Select(i => new SignalRow { Signal = [.. Enumerable.Range(0, 2 * Length).Select(t => (float)((t < Length ? 1 : 2) * Math.Sin(0.1 * i + t * Math.PI / 4)))] });
        var d = _ml.Diffusion();
        var pipeline = d.Transforms.NoiseSchedule("Signal")
            .Append(d.Trainers.Denoiser("Signal", options: new() { Network = new LinearAttentionUNet { Channels = 16, Multipliers = [1, 2], HeadChannels = [8] }, Steps = 400, BatchSize = 32, Precision = Precision.Float32 }))
            .Append(d.Transforms.Sampler("Sample", new() { Steps = 20, BatchSize = 64 }));
        using var model = pipeline.Fit(_ml.Data.LoadFromEnumerable(rows));
        var view = model.Transform(_ml.Data.LoadFromEnumerable(Enumerable.Range(0, 64).Select(i => new PointQuery { Seed = i })));
        var type = (VectorDataViewType)view.Schema["Sample"].Type;
        Assert.AreSequenceEqual(new[] { 2, Length }, type.Dimensions);
        double error = 0, power = 0;
        foreach (float[] sample in view.GetColumn<float[]>("Sample"))
            for (int t = 0; t < Length; t++)
            {
                // Half a period later the signal is its negative; the second channel is twice the first.
                error += Math.Pow(sample[t] + sample[(t + 4) % Length], 2) + Math.Pow(sample[Length + t] - 2 * sample[t], 2);
                power += 1;
            }
        // Noise of the signal's power would have 1 + 4: (½ + ½) and (2 + 2).
        Assert.IsLessThan(0.5, error / power);
        Assert.AreEqual(0.5, view.GetColumn<float[]>("Sample").Average(sample => sample.Take(Length).Average(value => value * value)), 0.15, "the power of a sine");
    }

    [TestMethod]
    public void Fit_Classifier_IsRefused()
    {
        var d = _ml.Diffusion();
        var rows = new[] { new PictureRow { Pixels = new float[64] } };
        var trainer = d.Transforms.NoiseSchedule("Pixels", options: new() { Codec = new PixelCodec() }).Append(d.Trainers.Denoiser("Pixels", options: new() { Network = AdmClassifier.Small, Steps = 1 }));
        Assert.Contains("AdmClassifier answers [10] to samples [1, 8, 8]: it is no network for denoising", Assert.ThrowsExactly<ArgumentException>(() => trainer.Fit(_ml.Data.LoadFromEnumerable(rows))).Message);
    }

    private void Falls(string name, Network network, IEstimator<ITransformer> before, string column, string condition, IDataView data, int steps = 60, double share = 0.7)
    {
        var recorder = new Recorder();
        var options = new DenoiserTrainer.Options { Network = network, Steps = steps, BatchSize = 16, Precision = Precision.Float32, Progress = recorder, ProgressInterval = 1 };
        using var model = before.Append(_ml.Diffusion().Trainers.Denoiser(column, condition, options)).Fit(data);
        int window = Math.Max(10, steps / 20);
        double first = recorder.Reports.Take(window).Average(report => report.Loss), last = recorder.Reports.TakeLast(window).Average(report => report.Loss);
        // Batches of sixteen: the noise of ten losses is a tenth of them, of fifty a thirtieth. Points lie so that 0.6 remains of 0.85.
        Assert.IsLessThan(share * first, last, name);
    }

    private sealed class PictureRow
    {
        [VectorType(1, 8, 8)]
        public float[] Pixels { get; set; } = [];

        public string Side { get; set; } = "";
    }

    private sealed class SignalRow
    {
        [VectorType(2, 16)]
        public float[] Signal { get; set; } = [];
    }
}
