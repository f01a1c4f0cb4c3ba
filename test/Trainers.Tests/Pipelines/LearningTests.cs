using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public class LearningTests
{
    private readonly MLContext _ml = new(seed: 1);

    public static IEnumerable<object[]> Parameterizations =>
    [
        ["measured EDM", KnownSchedules.Edm, null!],
        ["EDM", KnownSchedules.Cosine, new EdmParameterization(1)],
        ["epsilon", KnownSchedules.Linear, KnownParameterizations.Epsilon],
        ["x0", KnownSchedules.Cosine, KnownParameterizations.X0],
        ["v", KnownSchedules.Cosine, KnownParameterizations.V],
        ["score", new VeSchedule(0.02, 8), KnownParameterizations.Score],
        ["conditional flow matching", KnownSchedules.RectifiedFlow, KnownParameterizations.Velocity],
        ["flow matching on a quarter circle", KnownSchedules.CosineFlow, new VelocityParameterization(KnownSchedules.CosineFlow)],
    ];

    public static IEnumerable<object[]> LossWeights => typeof(KnownLossWeights).GetProperties().Select(property => new object[] { property.Name, (LossWeight)property.GetValue(null)! });

    [TestMethod]
    [DynamicData(nameof(Parameterizations))]
    public void Fit_MixtureOfTwoClouds_SamplesHaveItsMoments(string name, NoiseSchedule schedule, Parameterization? parameterization)
    {
        var d = _ml.Diffusion();
        var options = Points.Options(steps: 1000);
        options.Parameterization = parameterization;
        var data = Points.Load(_ml);
        var chain = d.Transforms.NoiseSchedule("Point", schedule)
            .Append(d.Trainers.Denoiser("Point", options: options))
            .Append(d.Transforms.Sampler("Sample", new() { BatchSize = 512, Steps = 30, Clip = 3 }));
        using var model = chain.Fit(data);
        var samples = Points.Samples(_ml, model.Transform(Points.Queries(_ml, 1024)));
        Points.AssertMoments(samples, name);
        // No sample between the clouds: a model that only knew mean and covariance would put a quarter of them there.
        double between = samples.Count(sample => Math.Abs(sample[0]) < 0.5) / (double)samples.Length;
        Assert.IsLessThan(0.03, between, name);
    }

    [TestMethod]
    [DynamicData(nameof(LossWeights))]
    public void Fit_AnyLossWeight_SeparatesTheClouds(string name, LossWeight weight)
    {
        var d = _ml.Diffusion();
        var options = Points.Options(steps: 400);
        options.LossWeight = weight;
        var chain = d.Transforms.NoiseSchedule("Point", KnownSchedules.EdmSmallImages)
            .Append(d.Trainers.Denoiser("Point", options: options))
            .Append(d.Transforms.Sampler("Sample", new() { BatchSize = 512, Steps = 20, Clip = 3 }));
        using var model = chain.Fit(Points.Load(_ml));
        var samples = Points.Samples(_ml, model.Transform(Points.Queries(_ml, 512)));
        // A Gaussian of the data's mean and deviations, which the preconditioning alone samples, has 26 % within the clouds; of their covariance too, 48 %.
        double Share(Func<float[], bool> where) => samples.Count(where) / (double)samples.Length;
        double Distance(float[] sample, double[] centre) => Math.Sqrt(Math.Pow(sample[0] - centre[0], 2) + Math.Pow(sample[1] - centre[1], 2));
        // Of a round cloud 95 % are within 2.45 deviations.
        Assert.IsGreaterThan(0.8, Share(sample => Math.Min(Distance(sample, Points.Left), Distance(sample, Points.Right)) < 2.45 * Points.Deviation), name);
        Assert.AreEqual(0.5, Share(sample => sample[0] < 0), 0.15, name);
    }

    [TestMethod]
    public void Fit_WithClasses_SamplesFollowTheirClass()
    {
        var d = _ml.Diffusion();
        var data = Points.Load(_ml);
        var keys = _ml.Transforms.Conversion.MapValueToKey("Cloud").Fit(data);
        var chain = d.Transforms.NoiseSchedule("Point")
            .Append(d.Trainers.Denoiser("Point", conditionColumn: "Cloud", Points.Options(steps: 1000)))
            .Append(d.Transforms.Sampler("Sample", new() { BatchSize = 256 }));
        using var model = chain.Fit(keys.Transform(data));
        foreach (var (cloud, centre) in new[] { ("left", Points.Left), ("right", Points.Right) })
        {
            var (mean, covariance) = Points.Moments(Points.Samples(_ml, model.Transform(keys.Transform(Points.Queries(_ml, 512, cloud)))));
            // Deviation 0.5 over 512 samples: 0.022 for the mean; the rest is left to learning.
            Assert.AreEqual(centre[0], mean[0], 0.2, cloud);
            Assert.AreEqual(centre[1], mean[1], 0.2, cloud);
            Assert.AreEqual(0.25, covariance[0], 0.12, cloud);
        }
    }

    [TestMethod]
    public void Fit_TinyPictures_SamplesAreThePictures()
    {
        var d = _ml.Diffusion();
        // Two pictures: the left or the right half is white.
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 64).Select(i => new PictureRow { Left = i % 2 == 0, Pixels = Half(i % 2 == 0) }));
        var options = new DenoiserTrainer.Options
        {
            Network = new UNet { Channels = 16, Multipliers = [1, 1], PatchSize = 2, MiddleAttention = false },
            Steps = 300,
            BatchSize = 32,
            Precision = Precision.Float32,
        };
        var chain = d.Transforms.NoiseSchedule("Pixels", KnownSchedules.EdmSmallImages)
            .Append(d.Trainers.Denoiser("Pixels", conditionColumn: "Left", options))
            .Append(d.Transforms.Sampler("Sample", new() { Steps = 10, Clip = 1 }));
        using var model = chain.Fit(data);
        var queries = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 16).Select(i => new PictureQuery { Left = i % 2 == 0, Seed = i }));
        var samples = Points.Samples(_ml, model.Transform(queries));
        for (int i = 0; i < samples.Length; i++)
        {
            double error = samples[i].Zip(Half(i % 2 == 0), (a, b) => Math.Abs(a - b)).Average();
            // The other picture is 255 away on average, a grey one 127.
            Assert.IsLessThan(40, error, $"sample {i}");
        }
    }

    [TestMethod]
    public void Fit_Sparse_GivesTheModelOfTheSameDenseData()
    {
        var rows = Enumerable.Range(0, 50).Select(i => new SparseRow { Values = new VBuffer<float>(4, 1, [i % 10 + 1f], [i % 4]) }).ToArray();
        var sparse = _ml.Data.LoadFromEnumerable(rows);
        var dense = _ml.Data.LoadFromEnumerable(rows.Select(row => new SparseRow { Values = new VBuffer<float>(4, [.. row.Values.DenseValues()]) }));
        Assert.AreSequenceEqual(Weights(dense), Weights(sparse));

        float[] Weights(IDataView view)
        {
            var d = _ml.Diffusion();
            using var model = d.Trainers.Denoiser("Values", options: Points.Options(steps: 3)).Fit(d.Transforms.NoiseSchedule("Values").Fit(view).Transform(view));
            return TrainedWeights.Of(model);
        }
    }

    [TestMethod]
    public void Fit_SomeConditionsMissing_Trains()
    {
        var d = _ml.Diffusion();
        var rows = Enumerable.Range(0, 40).Select(i => new ConditionRow
        {
            Point = [i, -i],
            Weight = i % 3 == 0 ? float.NaN : i,
            Style = [i % 5 == 0 ? float.NaN : i, 1],
            Cloud = i % 4 == 0 ? "" : "cloud" + i % 2,
        });
        var data = _ml.Data.LoadFromEnumerable(rows);
        data = _ml.Transforms.Conversion.MapValueToKey("Cloud", keyData: _ml.Data.LoadFromEnumerable(new[] { new { Cloud = "cloud0" }, new { Cloud = "cloud1" } })).Fit(data).Transform(data);
        data = d.Transforms.NoiseSchedule("Point").Fit(data).Transform(data);
        using var model = d.Trainers.Denoiser("Point", ["Weight", "Style", "Cloud"], Points.Options(steps: 5)).Fit(data);
        Assert.AreEqual(4, model.Spec.Conditions.Width);
        Assert.IsTrue(TrainedWeights.Of(model).All(float.IsFinite));
    }

    private static float[] Half(bool left) => [.. Enumerable.Range(0, 64).Select(i => i % 8 < 4 == left ? 255f : 0f)];

    private sealed class PictureRow
    {
        public bool Left { get; set; }

        [VectorType(1, 8, 8)]
        public float[] Pixels { get; set; } = [];
    }

    private sealed class PictureQuery
    {
        public bool Left { get; set; }

        public int Seed { get; set; }
    }

    private sealed class SparseRow
    {
        [VectorType(4)]
        public VBuffer<float> Values { get; set; }
    }

    private sealed class ConditionRow
    {
        [VectorType(2)]
        public float[] Point { get; set; } = [];

        public float Weight { get; set; }

        [VectorType(2)]
        public float[] Style { get; set; } = [];

        public string Cloud { get; set; } = "";
    }
}
