using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>Trained classifiers and encoders guide an unconditional denoiser.</summary>
[TestClass]
public sealed class TrainedGuidanceTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly IDataView _data;
    private readonly DiffusionCatalog _d;

    public TrainedGuidanceTests()
    {
        _d = _ml.Diffusion();
        var data = Points.Load(_ml, 600);
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Cloud").Fit(data).Transform(data);
        _data = _d.Transforms.NoiseSchedule("Point").Fit(keyed).Transform(keyed);
    }

    [TestMethod]
    public void ClassifierAndClip_UnconditionalDenoiser_MakeSamplesOfTheClass()
    {
        using var denoiser = _d.Trainers.Denoiser("Point", options: Points.Options(400)).Fit(_data);
        using var classifier = _d.Trainers.NoisyClassifier("Point", "Cloud", new() { Network = new ResidualMlp { Width = 48, Blocks = 2, Answers = 2 }, Steps = 400, Precision = Precision.Float32 }).Fit(_data);
        using var encoders = _d.Trainers.Contrastive("Point", "Cloud", new()
        {
            EmbeddingSize = 8,
            DataEncoder = new ResidualMlp { Width = 48, Blocks = 2, Answers = 8 },
            ConditionEncoder = new ConditionEncoder(8) { Width = 16 },
            Steps = 400,
            Precision = Precision.Float32,
        }).Fit(_data);
        var queries = Queries(128);
        Assert.IsLessThan(0.7, Agreement(denoiser, null, queries), "unguided samples know of no class");
        var byClassifier = _d.Transforms.ClassifierGuidance(classifier, "Cloud", new() { Scale = 2 });
        // Half the wrong way would be 0.5; the clouds are 4.5 apart, of deviation 0.5.
        Assert.IsGreaterThan(0.95, Agreement(denoiser, byClassifier, queries));
        Assert.IsGreaterThan(0.95, Agreement(denoiser, _d.Transforms.ClipGuidance(encoders, "Cloud", new() { Scale = 2 }), queries));
    }

    [TestMethod]
    public void Guidance_SavedAndLoaded_SamplesAlikeWithoutWhatItWasMadeOf()
    {
        using var denoiser = _d.Trainers.Denoiser("Point", options: Points.Options(3)).Fit(_data);
        foreach (bool isClip in new[] { false, true })
        {
            TransformerChain<SamplerTransformer> model;
            float[][] expected;
            var queries = Queries(20);
            using (var classifier = Classifier())
            using (var encoders = Encoders())
            {
                GuidanceEstimator guidance = isClip ? _d.Transforms.ClipGuidance(encoders, "Cloud") : _d.Transforms.ClassifierGuidance(classifier, "Cloud");
                model = Sampling(denoiser, guidance, queries);
                expected = Points.Samples(_ml, model.Transform(queries));
            }
            // The guidance has shares of its own.
            AssertEqual(expected, Points.Samples(_ml, model.Transform(queries)));
            using var stream = new MemoryStream();
            _ml.Model.Save(model, queries.Schema, stream);
            using var loaded = (IDisposable)_ml.Model.Load(stream, out _);
            AssertEqual(expected, Points.Samples(_ml, ((ITransformer)loaded).Transform(queries)));
            using var engine = _ml.Model.CreatePredictionEngine<Query, PointSample>((ITransformer)loaded, new PredictionEngineOptions { OwnsTransformer = false });
            var sample = engine.Predict(new Query { Cloud = 1, Seed = 1 });
            // Batches of one sum in another order, 20 steps long.
            Assert.AreEqual(expected[1][0], sample.Sample[0], 1e-3);
        }
    }

    [TestMethod]
    public void Guidance_RowsWithoutACondition_AreNotGuided()
    {
        using var denoiser = _d.Trainers.Denoiser("Point", options: Points.Options(3)).Fit(_data);
        using var encoders = Encoders();
        var rows = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 4).Select(i => new Query { Cloud = i == 2 ? 2u : 0u, Seed = i }));
        float[][] plain = Points.Samples(_ml, Sampling(denoiser, null, rows).Transform(rows)), guided = Points.Samples(_ml, Sampling(denoiser, _d.Transforms.ClipGuidance(encoders, "Cloud"), rows).Transform(rows));
        Assert.AreSequenceEqual(plain[2], guided[2]);
        Assert.AreNotSequenceEqual(plain[1], guided[1]);
    }

    [TestMethod]
    public void Guidance_OfAnotherModelSpaceOrModel_IsRefused()
    {
        using var denoiser = _d.Trainers.Denoiser("Point", options: Points.Options(1)).Fit(_data);
        var others = _ml.Data.LoadFromEnumerable(Points.Rows(50));
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Cloud").Fit(others).Transform(others);
        using var classifier = _d.Trainers.NoisyClassifier("Point", "Cloud", new() { Steps = 1 }).Fit(_d.Transforms.NoiseSchedule("Point").Fit(keyed).Transform(keyed));
        var guidance = _d.Transforms.ClassifierGuidance(classifier, "Cloud");
        Assert.Contains("another model space", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Sampling(denoiser, guidance, Queries(1))).Message);
        Assert.Contains("no trained classifier", Assert.ThrowsExactly<ArgumentException>(() => _d.Transforms.ClassifierGuidance(denoiser, "Cloud")).Message);
        Assert.Contains("d.Trainers.Contrastive", Assert.ThrowsExactly<ArgumentException>(() => _d.Transforms.ClipGuidance(denoiser, "Cloud")).Message);
    }

    private static void AssertEqual(float[][] expected, float[][] got) => Assert.AreSequenceEqual(expected.SelectMany(row => row), got.SelectMany(row => row));

    private ClassifierTransformer Classifier() => _d.Trainers.NoisyClassifier("Point", "Cloud", new() { Steps = 5, Precision = Precision.Float32 }).Fit(_data);

    private ContrastiveTransformer Encoders() => _d.Trainers.Contrastive("Point", "Cloud", new() { EmbeddingSize = 8, Steps = 5, Precision = Precision.Float32 }).Fit(_data);

    private TransformerChain<SamplerTransformer> Sampling(DenoiserTransformer denoiser, GuidanceEstimator? guidance, IDataView queries)
    {
        var sampler = _d.Transforms.Sampler("Sample", new() { Steps = 20 });
        var carried = denoiser.Transform(queries);
        if (guidance is null)
            return new TransformerChain<SamplerTransformer>(denoiser, sampler.Fit(carried));
        var guided = guidance.Fit(carried);
        return new TransformerChain<SamplerTransformer>(denoiser, guided, sampler.Fit(guided.Transform(carried)));
    }

    // The share of samples that are nearer to the cloud that was asked for.
    private double Agreement(DenoiserTransformer denoiser, GuidanceEstimator? guidance, IDataView queries)
    {
        float[][] samples = Points.Samples(_ml, Sampling(denoiser, guidance, queries).Transform(queries));
        return samples.Select((sample, i) => Distance(sample, Points.Left) < Distance(sample, Points.Right) == (i % 2 == 0) ? 1.0 : 0).Average();
    }

    private static double Distance(float[] sample, double[] centre) => sample.Zip(centre, (a, b) => (a - b) * (a - b)).Sum();

    private IDataView Queries(int count) => _ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i => new Query { Cloud = (uint)(i % 2), Seed = i }));

    private sealed class Query
    {
        // From 0; 2 is beyond, and thus missing.
        [KeyType(2)]
        public uint Cloud { get; set; }

        public int Seed { get; set; }
    }
}
