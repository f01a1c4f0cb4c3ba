using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class NoisyClassifierTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _log = [];

    public NoisyClassifierTests() => _ml.Log += (_, e) => _log.Add(e.Message);

    [TestMethod]
    public void Fit_TwoClouds_ApproachesTheExactPosteriorAtEveryLevel()
    {
        var recorder = new Recorder();
        var options = Options(600);
        (options.Progress, options.ProgressInterval) = (recorder, 1000);
        var data = Noised(Points.Load(_ml, 2000));
        using var model = Trainer(options).Fit(data, Noised(Points.Load(_ml, 1024)));
        var cloud = new CloudsInModelSpace(model.Spec.Codec);
        foreach (double sigma in new[] { 0.05, 0.5, 1, 3, 20 })
        {
            float[][] points = cloud.Draw(256, sigma);
            using var x = tensor(points.SelectMany(point => point).ToArray(), [points.Length, 2]);
            using var answer = model.Classifier.LogProbabilities(x, NoiseLevel.FromRatio(sigma));
            float[] logarithms = [.. answer.data<float>()];
            double error = points.Select((point, i) => Math.Abs(Math.Exp(logarithms[2 * i]) - cloud.Left(point, sigma))).Average();
            // What 600 steps of a small network leave; chance is 0.5.
            Assert.IsLessThan(0.05, error, $"σ = {sigma}");
        }
        // Cross entropy and accuracy of the exact posterior, over the levels that validation drew.
        var accuracy = recorder.Reports[^1].ValidationScores!.Single();
        Assert.AreEqual("accuracy", accuracy.Name);
        foreach (var level in accuracy.Levels)
            // 51 rows a level: four standard errors.
            Assert.AreEqual(cloud.Accuracy(level.Ratio), level.Value, 0.02 + 4 * Math.Sqrt(cloud.Accuracy(level.Ratio) * (1 - cloud.Accuracy(level.Ratio)) / level.Rows), $"σ = {level.Ratio}");
        Assert.IsGreaterThan(0.99, accuracy.Levels[0].Value);
        Assert.IsLessThan(0.8, accuracy.Levels[^1].Value, "much noise leaves little to know");
        Assert.Contains(message => message.Contains("On validation data: accuracy", StringComparison.Ordinal), _log);
    }

    [TestMethod]
    public void Transform_NoisedAndCleanColumns_GivesLabelsAndProbabilities()
    {
        using var model = Fitted(300);
        var keyed = Keyed(Points.Load(_ml, 100));
        foreach (var (data, least) in new[] { (keyed, 0.99), (Noised(Points.Load(_ml, 100)), 0.5) })
        {
            var scored = model.Transform(data);
            float[][] scores = [.. scored.GetColumn<float[]>("Score")];
            uint[] predicted = [.. scored.GetColumn<uint>("PredictedLabel")], labels = [.. scored.GetColumn<uint>("Cloud")];
            for (int i = 0; i < scores.Length; i++)
            {
                Assert.AreEqual(1, scores[i].Sum(), 1e-5, "probabilities, in Float32");
                Assert.AreEqual(Array.IndexOf(scores[i], scores[i].Max()) + 1, (int)predicted[i]);
            }
            Assert.IsGreaterThanOrEqualTo(least, predicted.Zip(labels, (found, label) => found == label ? 1.0 : 0).Average());
        }
        var metrics = _ml.MulticlassClassification.Evaluate(model.Transform(keyed), labelColumnName: "Cloud");
        Assert.IsGreaterThan(0.99, metrics.MicroAccuracy);
        var text = _ml.Transforms.Conversion.MapKeyToValue("Predicted", "PredictedLabel").Fit(model.Transform(keyed)).Transform(model.Transform(keyed));
        Assert.AreSequenceEqual(Points.Rows(100).Select(row => row.Cloud).Take(20), text.GetColumn<string>("Predicted").Take(20));
    }

    [TestMethod]
    public void SaveAndLoad_GivesTheSameScoresToTheLastBitAndWithoutItsColumnsNone()
    {
        using var model = Fitted(30);
        var data = Noised(Points.Load(_ml, 70));
        using var stream = new MemoryStream();
        _ml.Model.Save(model, data.Schema, stream);
        using var loaded = (ClassifierTransformer)_ml.Model.Load(stream, out _);
        Assert.AreSequenceEqual(Flat(model.Transform(data)), Flat(loaded.Transform(data)));
        Assert.AreSequenceEqual(new[] { "left", "right" }, loaded.Labels);
        Assert.AreEqual(model.Columns, loaded.Columns);
        Assert.IsNull(loaded.Transform(_ml.Data.LoadFromEnumerable(new[] { new { Other = 1f } })).Schema.GetColumnOrNull("Score"));
        Assert.Contains(message => message.Contains("'PredictedLabel' and 'Score' are left out", StringComparison.Ordinal), _log);
    }

    [TestMethod]
    public void PredictionEngine_CleanRow_AgreesWithTransform()
    {
        using var model = Fitted(100);
        var rows = Points.Rows(20);
        var scored = model.Transform(_ml.Data.LoadFromEnumerable(rows));
        float[][] expected = [.. scored.GetColumn<float[]>("Score")];
        using var engine = _ml.Model.CreatePredictionEngine<PointRow, Scored>(model, new PredictionEngineOptions { OwnsTransformer = false });
        for (int i = 0; i < rows.Count; i++)
        {
            var result = engine.Predict(rows[i]);
            // Batches of one row sum in another order.
            Assert.AreEqual(expected[i][0], result.Score[0], Float32Tolerance.OfNetwork());
            Assert.AreEqual(result.Score[0] > 0.5 ? 1u : 2u, result.PredictedLabel);
        }
    }

    [TestMethod]
    public void Fit_MissingLabels_AreLeftOutAndCounted()
    {
        var rows = Points.Rows(60);
        for (int i = 0; i < 60; i += 4)
            rows[i].Cloud = "";
        var data = _ml.Data.LoadFromEnumerable(rows);
        // Empty text is no value of the key: missing.
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Cloud", keyData: _ml.Data.LoadFromEnumerable(new[] { new { Value = "left" }, new { Value = "right" } })).Fit(data).Transform(data);
        using var model = Trainer(Options(2)).Fit(Scheduled(keyed));
        Assert.Contains(message => message.Contains("15 of 60 rows of the training data have no value in column 'Cloud'", StringComparison.Ordinal), _log);
        Assert.Contains(message => message.Contains("On training data: accuracy", StringComparison.Ordinal), _log);
    }

    [TestMethod]
    public void Fit_BadLabels_AreRefusedByName()
    {
        var d = _ml.Diffusion();
        var text = Scheduled(Points.Load(_ml, 20));
        Assert.Contains("'Cloud': expected a key", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer(Options(1)).Fit(text)).Message);
        Assert.Contains("'Missing'", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => d.Trainers.NoisyClassifier("Point", "Missing").Fit(text)).Message);
        Assert.Contains("no noise schedule", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer(Options(1)).Fit(Keyed(Points.Load(_ml, 20)))).Message);
        var left = _ml.Data.LoadFromEnumerable(Points.Rows(40).Where(row => row.Cloud == "left"));
        Assert.Contains("keys of one value", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer(Options(1)).Fit(Noised(left))).Message);
        var both = _ml.Transforms.Conversion.MapValueToKey("Cloud").Fit(Points.Load(_ml, 20));
        Assert.Contains("All rows of the training data have the label 'left'", Assert.ThrowsExactly<InvalidOperationException>(() => Trainer(Options(1)).Fit(Scheduled(both.Transform(left)))).Message);
        var three = _ml.Transforms.Conversion.MapValueToKey("Cloud").Fit(_ml.Data.LoadFromEnumerable(Points.Rows(20).Append(new PointRow { Cloud = "middle" })));
        Assert.Contains("No row of the training data has the label 'middle'", Assert.ThrowsExactly<InvalidOperationException>(() => Trainer(new() { Steps = 1 }).Fit(Scheduled(three.Transform(Points.Load(_ml, 20))))).Message);
        var others = _ml.Data.LoadFromEnumerable(new[] { new PointRow { Cloud = "up" }, new PointRow { Cloud = "down" } });
        Assert.Contains("expected one of 2 classes: 'left', 'right', as in training, got one of 2 classes: 'up', 'down'",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer(Options(1)).Fit(Noised(Points.Load(_ml, 20)), Scheduled(Keyed(others)))).Message);
    }

    [TestMethod]
    public void Fit_NetworkOfOtherAnswers_IsRefusedWithTheNumberOfClasses()
    {
        var options = Options(1);
        options.Network = new ResidualMlp { Answers = 3 };
        Assert.Contains("there are 2 classes", Assert.ThrowsExactly<ArgumentException>(() => Trainer(options).Fit(Noised(Points.Load(_ml, 20)))).Message);
        options.Network = new HalfUNet(2);
        Assert.Contains("takes pictures", Assert.ThrowsExactly<ArgumentException>(() => Trainer(options).Fit(Noised(Points.Load(_ml, 20)))).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer(new() { ScoreColumnName = "PredictedLabel" }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer(new() { BatchSize = 0 }));
    }

    [TestMethod]
    public void Fit_CancelledAndResumed_GivesTheModelOfOneGo()
    {
        var folder = Directory.CreateTempSubdirectory("classifier-");
        try
        {
            var data = Noised(Points.Load(_ml, 100));
            float[] Scores(NoisyClassifierTrainer.Options options)
            {
                using var model = Trainer(options).Fit(data);
                return Flat(model.Transform(data));
            }

            float[] expected = Scores(Options(30));
            using var source = new CancellationTokenSource();
            var options = Options(30);
            options.Checkpoint = new(folder.FullName) { Every = 10, Resume = true };
            options.CancellationToken = source.Token;
            options.Progress = new Recorder(report =>
            {
                if (report.Step == 17)
                    source.Cancel();
            });
            Assert.AreNotSequenceEqual(expected, Scores(options));
            (options.CancellationToken, options.Progress) = (default, null);
            Assert.AreSequenceEqual(expected, Scores(options));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void Fit_MetricsFolder_HoldsTheScoresByLevel()
    {
        var folder = Directory.CreateTempSubdirectory("classifier-metrics-");
        try
        {
            var options = Options(4);
            (options.MetricsFolder, options.ValidationInterval) = (folder.FullName, 2);
            var data = Noised(Points.Load(_ml, 100));
            Trainer(options).Fit(data, data).Dispose();
            string[] rows = File.ReadAllLines(Path.Combine(folder.FullName, "score_by_level.csv"));
            Assert.AreEqual("step,score,noise_ratio,value,rows", rows[0]);
            Assert.AreSequenceEqual(new[] { "2", "4" }, rows.Skip(1).Select(row => row.Split(',')[0]).Distinct());
            Assert.IsTrue(rows.Skip(1).All(row => row.Split(',')[1] == "accuracy"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void Fit_PicturesAndSequences_TakeTheirDefaultNetworks()
    {
        var d = _ml.Diffusion();
        foreach (var (shape, network) in new[] { (new DataShape(1, 8, 8), typeof(HalfUNet)), (new DataShape(1, 1, 64), typeof(HalfUNet)), (new DataShape(2, 32), typeof(ResidualMlp)) })
        {
            var rows = Points.Rows(32).Select((row, i) => new PictureRow { Cloud = row.Cloud, Values = [.. Enumerable.Range(0, 64).Select(place => (row.Cloud == "left" ? 1 : -1) * MathF.Sin(place + i))] });
            var schema = SchemaDefinition.Create(typeof(PictureRow));
            schema["Values"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, shape.Dimensions.ToArray());
            var data = Keyed(_ml.Data.LoadFromEnumerable(rows, schema));
            using var model = d.Trainers.NoisyClassifier("Values", "Cloud", new() { Steps = 2, BatchSize = 8 })
                .Fit(d.Transforms.NoiseSchedule("Values", options: new() { Codec = new StandardizingCodec([.. new float[64]], [.. Enumerable.Repeat(1f, 64)]) }).Fit(data).Transform(data));
            Assert.AreEqual(network, ((NoisyClassifier)model.Classifier).NoisyNetwork.Trained.Network.GetType());
            Assert.HasCount(32, model.Transform(data).GetColumn<uint>("PredictedLabel").ToArray());
        }
    }

    [TestMethod]
    public void Dispose_AfterFitAndScoring_LeavesNoTensors()
    {
        var data = Noised(Points.Load(_ml, 40));
        Fitted(2).Dispose();
        long before = TensorLeak.Count();
        using (var model = Fitted(3))
            _ = Flat(model.Transform(data));
        Assert.AreEqual(before, TensorLeak.Count());
    }

    [TestMethod]
    public void Trainer_KeepsTheRulesOfEstimators()
    {
        var data = Noised(Points.Load(_ml, 20));
        EstimatorChecks.Run(_ml, Trainer(Options(2)), data, _ml.Data.LoadFromEnumerable(new[] { new { Other = 1f } }), canTransformInvalid: true);
    }

    private static NoisyClassifierTrainer.Options Options(int steps) => new() { Network = new ResidualMlp { Width = 48, Blocks = 2, Answers = 2 }, Steps = steps, Precision = Precision.Float32 };

    private static float[] Flat(IDataView scored) => [.. scored.GetColumn<float[]>("Score").SelectMany(score => score)];

    private NoisyClassifierTrainer Trainer(NoisyClassifierTrainer.Options options) => _ml.Diffusion().Trainers.NoisyClassifier("Point", "Cloud", options);

    private ClassifierTransformer Fitted(int steps) => Trainer(Options(steps)).Fit(Noised(Points.Load(_ml, 200)));

    private IDataView Keyed(IDataView data) => _ml.Transforms.Conversion.MapValueToKey("Cloud").Fit(data).Transform(data);

    private IDataView Scheduled(IDataView data) => _ml.Diffusion().Transforms.NoiseSchedule("Point").Fit(data).Transform(data);

    private IDataView Noised(IDataView data) => Scheduled(Keyed(data));

    private sealed class Scored
    {
        public uint PredictedLabel { get; set; }

        public float[] Score { get; set; } = [];
    }

    private sealed class PictureRow
    {
        public string Cloud { get; set; } = "";

        public float[] Values { get; set; } = [];
    }
}
