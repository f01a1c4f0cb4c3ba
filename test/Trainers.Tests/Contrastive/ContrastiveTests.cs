using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class ContrastiveTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _log = [];

    public ContrastiveTests() => _ml.Log += (_, e) => _log.Add(e.Message);

    [TestMethod]
    public void Fit_Vectors_RetrievesFarAboveChanceAndLessWithNoise()
    {
        var recorder = new Recorder();
        var options = Options(400);
        (options.Progress, options.ProgressInterval) = (recorder, 1000);
        using var model = Trainer("Hint", options).Fit(Noised(Ring(600, 1)), Noised(Ring(320, 2)));
        var scores = recorder.Reports[^1].ValidationScores!;
        Assert.AreSequenceEqual(new[] { "retrieval of conditions", "retrieval of data" }, scores.Select(score => score.Name));
        foreach (var score in scores)
        {
            // Of 64 points of a ring in a batch, chance finds 1/64; neighbours are a tenth apart and can be told apart where there is little noise.
            Assert.IsGreaterThan(0.25, score.Levels[0].Value, score.Name);
            Assert.IsLessThan(0.1, score.Levels[^1].Value, score.Name);
        }
        Assert.IsGreaterThan(5, model.Scale);
        Assert.Contains(message => message.Contains("On validation data: retrieval of data", StringComparison.Ordinal), _log);
    }

    [TestMethod]
    public void Fit_Classes_PutsSamplesNextToTheirOwnClass()
    {
        using var model = Trainer("Cloud", Options(200)).Fit(Noised(Keyed(Points.Load(_ml, 300))));
        var scored = model.Transform(Keyed(Points.Load(_ml, 100)));
        float[][] data = [.. scored.GetColumn<float[]>("DataEmbedding")], conditions = [.. scored.GetColumn<float[]>("ConditionEmbedding")];
        for (int i = 0; i < data.Length; i++)
        {
            Assert.AreEqual(1, Dot(data[i], data[i]), 1e-5);
            Assert.AreEqual(1, Dot(conditions[i], conditions[i]), 1e-5);
            Assert.IsGreaterThan(Dot(data[i], conditions[i ^ 1]) + 0.1, Dot(data[i], conditions[i]), "the other row is of the other class");
        }
    }

    [TestMethod]
    public void Fit_CleanInputs_LearnsFromCleanDataAlone()
    {
        var options = Options(200);
        options.NoisedInputs = false;
        var recorder = new Recorder();
        (options.Progress, options.ProgressInterval) = (recorder, 1000);
        using var model = Trainer("Cloud", options).Fit(Noised(Keyed(Points.Load(_ml, 300))), Noised(Keyed(Points.Load(_ml, 100))));
        var score = recorder.Reports[^1].ValidationScores![0];
        Assert.IsGreaterThan(0.97, score.Value);
        // All at the schedule's cleanest level.
        Assert.IsTrue(score.Levels.All(level => Math.Abs(level.Ratio - 0.002) < 1e-6));
    }

    [TestMethod]
    public void SaveAndLoad_GivesTheSameVectorsToTheLastBit()
    {
        using var model = Trainer("Cloud", Options(20)).Fit(Noised(Keyed(Points.Load(_ml, 100))));
        var data = Noised(Keyed(Points.Load(_ml, 70)));
        using var stream = new MemoryStream();
        _ml.Model.Save(model, data.Schema, stream);
        using var loaded = (ContrastiveTransformer)_ml.Model.Load(stream, out _);
        foreach (string column in new[] { "DataEmbedding", "ConditionEmbedding" })
            Assert.AreSequenceEqual(Flat(model.Transform(data), column), Flat(loaded.Transform(data), column));
        Assert.AreEqual(model.Scale, loaded.Scale);
        Assert.AreEqual(model.DataEncoder.Size, loaded.ConditionEncoder.Size);
        // What is there is encoded.
        var conditions = loaded.Transform(Keyed(_ml.Data.LoadFromEnumerable(Points.Rows(3).Select(row => new { row.Cloud }))));
        Assert.IsNull(conditions.Schema.GetColumnOrNull("DataEmbedding"));
        Assert.HasCount(3, conditions.GetColumn<float[]>("ConditionEmbedding").ToArray());
        var points = loaded.Transform(_ml.Data.LoadFromEnumerable(Points.Rows(3).Select(row => new Bare { Point = row.Point })));
        Assert.IsNull(points.Schema.GetColumnOrNull("ConditionEmbedding"));
        Assert.HasCount(3, points.GetColumn<float[]>("DataEmbedding").ToArray());
    }

    [TestMethod]
    public void Transform_MissingCondition_HasNoVectorAndOthersDoNotChange()
    {
        using var model = Trainer("Hint", Options(3)).Fit(Noised(Ring(100, 1)));
        var rows = RingRows(5, 3);
        float[] before = Flat(model.Transform(_ml.Data.LoadFromEnumerable(rows)), "ConditionEmbedding");
        rows[2].Hint[1] = float.NaN;
        float[] after = Flat(model.Transform(_ml.Data.LoadFromEnumerable(rows)), "ConditionEmbedding");
        int size = model.ConditionEncoder.Size;
        Assert.IsTrue(after[(2 * size)..(3 * size)].All(float.IsNaN));
        Assert.AreSequenceEqual(before[..(2 * size)], after[..(2 * size)]);
        Assert.AreSequenceEqual(before[(3 * size)..], after[(3 * size)..]);
    }

    [TestMethod]
    public void PredictionEngine_BothSides_AgreesWithTransform()
    {
        using var model = Trainer("Hint", Options(20)).Fit(Noised(Ring(100, 1)));
        var rows = RingRows(10, 4);
        var scored = model.Transform(_ml.Data.LoadFromEnumerable(rows));
        float[][] data = [.. scored.GetColumn<float[]>("DataEmbedding")], conditions = [.. scored.GetColumn<float[]>("ConditionEmbedding")];
        using var engine = _ml.Model.CreatePredictionEngine<RingRow, Embedded>(model, new PredictionEngineOptions { OwnsTransformer = false });
        for (int i = 0; i < rows.Length; i++)
        {
            var result = engine.Predict(rows[i]);
            // Batches of one row sum in another order.
            Assert.AreEqual(1, Dot(data[i], result.DataEmbedding), 1e-5);
            Assert.AreEqual(1, Dot(conditions[i], result.ConditionEmbedding), 1e-5);
        }
    }

    [TestMethod]
    public void Fit_CancelledAndResumed_GivesTheModelOfOneGo()
    {
        var folder = Directory.CreateTempSubdirectory("contrastive-");
        try
        {
            var data = Noised(Ring(100, 1));
            float[] Vectors(ContrastiveTrainer.Options options)
            {
                using var model = Trainer("Hint", options).Fit(data);
                return [.. Flat(model.Transform(data), "DataEmbedding"), .. Flat(model.Transform(data), "ConditionEmbedding"), (float)model.Scale];
            }

            float[] expected = Vectors(Options(20));
            using var source = new CancellationTokenSource();
            var options = Options(20);
            options.Checkpoint = new(folder.FullName) { Every = 5, Resume = true };
            options.CancellationToken = source.Token;
            options.Progress = new Recorder(report =>
            {
                if (report.Step == 12)
                    source.Cancel();
            });
            Assert.AreNotSequenceEqual(expected, Vectors(options));
            (options.CancellationToken, options.Progress) = (default, null);
            Assert.AreSequenceEqual(expected, Vectors(options));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void Fit_WhatCanNotContrast_IsRefusedByName()
    {
        Assert.Contains("BatchSize is 1; it must be at least 2", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer("Cloud", new() { BatchSize = 1 })).Message);
        Assert.Contains("EmbeddingSize", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer("Cloud", new() { EmbeddingSize = 0 })).Message);
        Assert.ThrowsExactly<ArgumentException>(() => _ml.Diffusion().Trainers.Contrastive("Point", []));
        Assert.Contains("'Cloud'", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer("Cloud", Options(1)).Fit(Noised(Points.Load(_ml, 20)))).Message);
        Assert.Contains("no noise schedule", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer("Cloud", Options(1)).Fit(Keyed(Points.Load(_ml, 20)))).Message);
        var left = _ml.Transforms.Conversion.MapValueToKey("Cloud").Fit(Points.Load(_ml, 20)).Transform(_ml.Data.LoadFromEnumerable(Points.Rows(40).Where(row => row.Cloud == "left")));
        Assert.Contains("All 20 rows of the training data have the same value in column 'Cloud'", Assert.ThrowsExactly<InvalidOperationException>(() => Trainer("Cloud", Options(1)).Fit(Noised(left))).Message);
        var options = Options(1);
        options.DataEncoder = new ResidualMlp { Answers = 5 };
        Assert.Contains("DataEncoder", Assert.ThrowsExactly<ArgumentException>(() => Trainer("Cloud", options).Fit(Noised(Keyed(Points.Load(_ml, 20))))).Message);
    }

    [TestMethod]
    public void Dispose_AfterFitAndScoring_LeavesNoTensors()
    {
        var data = Noised(Ring(40, 1));
        Trainer("Hint", Options(2)).Fit(data).Dispose();
        long before = TensorLeak.Count();
        using (var model = Trainer("Hint", Options(3)).Fit(data, data))
            _ = Flat(model.Transform(data), "ConditionEmbedding").Concat(Flat(model.Transform(data), "DataEmbedding")).ToArray();
        Assert.AreEqual(before, TensorLeak.Count());
    }

    [TestMethod]
    public void Trainer_KeepsTheRulesOfEstimators()
        => EstimatorChecks.Run(_ml, Trainer("Hint", Options(2)), Noised(Ring(20, 1)), _ml.Data.LoadFromEnumerable(new[] { new { Other = 1f } }), canTransformInvalid: true);

    private static ContrastiveTrainer.Options Options(int steps) => new()
    {
        EmbeddingSize = 16,
        DataEncoder = new ResidualMlp { Width = 48, Blocks = 2, Answers = 16 },
        ConditionEncoder = new ConditionEncoder(16) { Width = 32 },
        Steps = steps,
        Precision = Precision.Float32,
    };

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    private static float[] Flat(IDataView scored, string column) => [.. scored.GetColumn<float[]>(column).SelectMany(values => values)];

    // Points of a ring, and for a hint the same place in other coordinates.
    private static RingRow[] RingRows(int count, ulong seed)
    {
        var uniform = new float[count];
        RowNoise.FillUniform(uniform, seed, new RowKey(1), 0);
        return [.. uniform.Select(share => new RingRow { Point = [MathF.Cos(2 * MathF.PI * share), MathF.Sin(2 * MathF.PI * share)], Hint = [MathF.Sin(2 * MathF.PI * share), 0.5f, -MathF.Cos(2 * MathF.PI * share)] })];
    }

    private IDataView Ring(int count, ulong seed) => _ml.Data.LoadFromEnumerable(RingRows(count, seed));

    private ContrastiveTrainer Trainer(string condition, ContrastiveTrainer.Options options) => _ml.Diffusion().Trainers.Contrastive("Point", condition, options);

    private IDataView Keyed(IDataView data) => _ml.Transforms.Conversion.MapValueToKey("Cloud").Fit(data).Transform(data);

    private IDataView Noised(IDataView data) => _ml.Diffusion().Transforms.NoiseSchedule("Point").Fit(data).Transform(data);

    private sealed class RingRow
    {
        [VectorType(2)]
        public float[] Point { get; set; } = [];

        [VectorType(3)]
        public float[] Hint { get; set; } = [];
    }

    private sealed class Bare
    {
        [VectorType(2)]
        public float[] Point { get; set; } = [];
    }

    private sealed class Embedded
    {
        public float[] DataEmbedding { get; set; } = [];

        public float[] ConditionEmbedding { get; set; } = [];
    }
}
