using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>Pictures of every size and content train with the defaults.</summary>
[TestClass]
public sealed class PictureTrainingTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    [DataRow(30, 33)]
    [DataRow(9, 16)]
    [DataRow(5, 7)]
    [DataRow(1, 64)]
    public void Fit_AnySize_TrainsSamplesAndLoads(int height, int width)
    {
        float[][] samples = TrainAndSample([3, height, width], (row, place) => (row * 31 + place * 7) % 256);
        Assert.HasCount(2, samples);
        foreach (float[] sample in samples)
        {
            Assert.HasCount(3 * height * width, sample);
            Assert.IsTrue(sample.All(value => value is >= 0 and <= 255));
        }
    }

    [TestMethod]
    [DataRow(7)]
    [DataRow(30)]
    public void Fit_AnyLength_TrainsAndSamples(int length)
        => Assert.IsTrue(TrainAndSample([2, length], (row, place) => MathF.Sin(row + place)).All(sample => sample.Length == 2 * length && sample.All(float.IsFinite)));

    [TestMethod]
    [DataRow(0f)]
    [DataRow(255f)]
    [DataRow(37f)]
    public void Fit_PicturesOfOneColour_Train(float color)
        => Assert.IsTrue(TrainAndSample([1, 8, 8], (_, _) => color).All(sample => sample.All(value => value is >= 0 and <= 255)));

    [TestMethod]
    public void Fit_SomeBlackPicturesAmongOthers_Train()
        => Assert.IsTrue(TrainAndSample([1, 8, 8], (row, place) => row % 2 == 0 ? 0 : place).All(sample => sample.All(float.IsFinite)));

    private float[][] TrainAndSample(int[] dimensions, Func<int, int, float> value)
    {
        int size = dimensions.Aggregate((a, b) => a * b);
        var schema = SchemaDefinition.Create(typeof(Row));
        schema["Pixels"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, dimensions);
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 8).Select(row => new Row { Pixels = [.. Enumerable.Range(0, size).Select(place => value(row, place))] }), schema);
        var d = _ml.Diffusion();
        var losses = new List<double>();
        var options = new DenoiserTrainer.Options { Steps = 2, BatchSize = 4, Progress = new Losses(losses) };
        var model = d.Transforms.NoiseSchedule("Pixels").Append(d.Trainers.Denoiser("Pixels", options: options)).Append(d.Transforms.Sampler("Sample", new() { Steps = 2 })).Fit(data);
        Assert.IsTrue(losses.Count > 0 && losses.All(double.IsFinite), string.Join(", ", losses));
        using var stream = new MemoryStream();
        d.SaveGenerator(model, stream);
        var loaded = _ml.Model.Load(stream, out _);
        float[][] samples = Samples(loaded);
        Assert.AreSequenceEqual(Samples(model)[1], samples[1], "a loaded model gives the same samples");
        ((IDisposable)model).Dispose();
        ((IDisposable)loaded).Dispose();
        return samples;
    }

    private float[][] Samples(ITransformer model) => [.. model.Transform(_ml.Data.LoadFromEnumerable([new Query { Seed = 1 }, new Query { Seed = 2 }])).GetColumn<float[]>("Sample")];

    private sealed class Losses(List<double> losses) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => losses.Add(value.Loss);
    }

    private sealed class Row
    {
        public float[] Pixels { get; set; } = [];
    }

    private sealed class Query
    {
        public long Seed { get; set; }
    }
}
