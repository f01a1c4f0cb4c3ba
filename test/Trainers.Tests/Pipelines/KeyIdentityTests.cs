using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>Training, validation, fine-tuning, distillation and guidance know classes by their values, whatever mapping made the keys.</summary>
[TestClass]
public sealed class KeyIdentityTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Fit_ValidationFromAnyView_TheLossIsTheSame()
    {
        var d = _ml.Diffusion();
        var rows = Points.Rows(200);
        var own = Map("left", "right");
        var data = own.Transform(_ml.Data.LoadFromEnumerable(rows));
        var schedule = d.Transforms.NoiseSchedule("Point").Fit(data);
        string folder = Directory.CreateTempSubdirectory("views-").FullName;
        try
        {
            var views = new Dictionary<string, IDataView>
            {
                ["of the same class"] = own.Transform(Points.Load(_ml, 200)),
                ["of another mapping"] = Map("right", "left").Transform(Points.Load(_ml, 200)),
                ["of keys for more"] = Map("middle", "right", "left").Transform(Points.Load(_ml, 200)),
                ["of a text file"] = Map("right", "left").Transform(TextFile(rows, Path.Combine(folder, "rows.tsv"))),
                ["of a binary file"] = BinaryFile(Map("right", "left").Transform(Points.Load(_ml, 200)), Path.Combine(folder, "rows.idv")),
            };
            double? expected = null;
            foreach (var (name, view) in views)
            {
                var recorder = new Recorder();
                var options = Points.Options(steps: 20);
                options.Progress = recorder;
                using var model = d.Trainers.Denoiser("Point", "Cloud", options).Fit(schedule.Transform(data), schedule.Transform(view));
                double loss = recorder.Reports[^1].ValidationLoss!.Value;
                expected ??= loss;
                Assert.AreEqual(expected.Value, loss, 1e-7, name);
            }
        }
        finally
        {
            Directory.Delete(folder, true);
        }
        var wide = own.Transform(_ml.Data.LoadFromEnumerable(new[] { new { Point = new float[] { 1, 2, 3 }, Cloud = "left" } }, Wide()));
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => d.Trainers.Denoiser("Point", "Cloud", Points.Options(1)).Fit(schedule.Transform(data), wide));
        Assert.Contains("2", e.Message);
        Assert.Contains("Vector<Single, 3>", e.Message);
    }

    [TestMethod]
    public void Transform_RowsOfAnotherMapping_ShowTheClassTheyName()
    {
        var d = _ml.Diffusion();
        var data = Map("left", "right").Transform(Points.Load(_ml));
        using var denoiser = d.Transforms.NoiseSchedule("Point").Append(d.Trainers.Denoiser("Point", "Cloud", Points.Options(steps: 600))).Fit(data);
        // Told to go on from it, with keys the other way round: the classes stay what they were.
        var others = Map("right", "left").Transform(Points.Load(_ml));
        var start = Points.Options(steps: 50);
        start.StartFrom = denoiser;
        using var tuned = d.Transforms.NoiseSchedule("Point").Append(d.Trainers.Denoiser("Point", "Cloud", start)).Fit(others);
        Assert.AreSequenceEqual(new[] { "left", "right" }, d.ListClasses(tuned));
        foreach (var model in new[] { denoiser, tuned })
        {
            using var sampling = model.Append(d.Transforms.Sampler("Sample", new() { Steps = 10, BatchSize = 99 }).Fit(model.Transform(data)));
            foreach (string[] order in new string[][] { ["left", "right"], ["right", "left"] })
            {
                var samples = Points.Samples(_ml, sampling.Transform(Map(order).Transform(Points.Queries(_ml, 99, "left"))));
                // By number instead of by value, the wrong mapping gives none; a model of 600 steps misplaces one in a hundred.
                Assert.IsGreaterThan(94, samples.Count(sample => sample[0] < 0));
            }
        }
    }

    [TestMethod]
    public void Fit_StartOrTeacherOfOtherValues_IsRefusedWithBoth()
    {
        var d = _ml.Diffusion();
        using var model = Scheduled().Append(d.Trainers.Denoiser("Point", "Cloud", Points.Options(1))).Fit(Map("left", "right").Transform(Points.Load(_ml, 20)));
        var more = Map("up", "right", "left").Transform(Points.Load(_ml, 20));
        var start = Points.Options(1);
        start.StartFrom = model;
        Assert.Contains("Column 'Cloud' has 1 of 3 values that the model of the option StartFrom does not know, such as 'up'; it was trained with 'left', 'right'", Refused(more, start));
        Assert.Contains("Column 'Cloud' has one of 2 classes: 'up', 'down', but the model of the option StartFrom has one of 2 classes: 'left', 'right'", Refused(Map("up", "down").Transform(Points.Load(_ml, 20)), start));
        var distilled = Points.Options(1);
        (distilled.Objective, distilled.Levels, distilled.Teacher) = (KnownObjectives.ConsistencyDistillation, new KarrasLevels(), model);
        Assert.Contains("the option Teacher does not know, such as 'up'", Refused(more, distilled));
        using var student = Scheduled().Append(d.Trainers.Denoiser("Point", "Cloud", distilled)).Fit(Map("right", "left").Transform(Points.Load(_ml, 20)));
        Assert.AreSequenceEqual(new[] { "left", "right" }, d.ListClasses(student));
        // One model to start from and another to ask, of other keys: no table makes both right.
        using var swapped = Scheduled().Append(d.Trainers.Denoiser("Point", "Cloud", Points.Options(1))).Fit(Map("right", "left").Transform(Points.Load(_ml, 20)));
        distilled.StartFrom = swapped;
        Assert.Contains("holds a denoiser whose conditions is [", Refused(Map("left", "right").Transform(Points.Load(_ml, 20)), distilled));

        string Refused(IDataView data, DenoiserTrainer.Options options)
            => Assert.ThrowsExactly<ArgumentException>(() => Scheduled().Append(d.Trainers.Denoiser("Point", "Cloud", options)).Fit(data)).Message;
    }

    [TestMethod]
    public void Guidance_RowsOfAnotherMapping_SamplesAlike()
    {
        var d = _ml.Diffusion();
        var data = Scheduled().Fit(Map("left", "right").Transform(Points.Load(_ml, 40))).Transform(Map("left", "right").Transform(Points.Load(_ml, 40)));
        using var denoiser = d.Trainers.Denoiser("Point", "Cloud", Points.Options(5)).Fit(data);
        using var weaker = d.Trainers.Denoiser("Point", "Cloud", Points.Options(2)).Fit(Scheduled().Fit(data).Transform(Map("right", "left").Transform(Points.Load(_ml, 40))));
        using var classifier = d.Trainers.NoisyClassifier("Point", "Cloud", new() { Network = new ResidualMlp { Width = 16, Blocks = 1, Answers = 2 }, Steps = 3, Precision = Precision.Float32 }).Fit(data);
        using var encoders = d.Trainers.Contrastive("Point", "Cloud", new()
        {
            EmbeddingSize = 4,
            DataEncoder = new ResidualMlp { Width = 16, Blocks = 1, Answers = 4 },
            ConditionEncoder = new ConditionEncoder(4) { Width = 8 },
            Steps = 3,
            Precision = Precision.Float32,
        }).Fit(data);
        Assert.AreSequenceEqual(new[] { "left", "right" }, d.ListClasses(classifier));
        foreach (var guidance in new[] { d.Transforms.ClassifierGuidance(classifier, "Cloud"), d.Transforms.ClipGuidance(encoders, "Cloud"), d.Transforms.Autoguidance(weaker) })
        {
            float[][]? expected = null;
            foreach (string[] order in new string[][] { ["left", "right"], ["right", "left"] })
            {
                var rows = Map(order).Transform(Points.Queries(_ml, 8));
                var guided = denoiser.Append(guidance.Fit(denoiser.Transform(rows)));
                var samples = Points.Samples(_ml, guided.Append(d.Transforms.Sampler("Sample", new() { Steps = 3 }).Fit(guided.Transform(rows))).Transform(rows));
                expected ??= samples;
                for (int row = 0; row < 8; row++)
                    Assert.AreSequenceEqual(expected[row], samples[row]);
            }
        }
        var vectors = new[] { Map("left", "right"), Map("right", "left") }.Select(map => encoders.Transform(map.Transform(Points.Load(_ml, 4))).GetColumn<float[]>("ConditionEmbedding").ToArray()).ToArray();
        for (int row = 0; row < 4; row++)
            Assert.AreSequenceEqual(vectors[0][row], vectors[1][row]);
    }

    [TestMethod]
    public void Fit_UnknownValuesInData_AreNamedDroppedOrMissing()
    {
        var d = _ml.Diffusion();
        PointRow[] rows = [.. Points.Rows(20)];
        rows[7].Cloud = "lef";
        var good = Map("left", "right").Transform(Points.Load(_ml, 20));
        var bad = Map("left", "right").Transform(_ml.Data.LoadFromEnumerable(rows));
        var schedule = Scheduled().Fit(good);
        Assert.StartsWith("Row 7 of the training data, column 'Cloud': the value 'lef' is none of the 2 that the model was trained with: 'left', 'right'.",
            Assert.ThrowsExactly<UnknownValueException>(() => Fit(Points.Options(1), bad, null)).Message);
        Assert.StartsWith("Row 7 of the validation data, column 'Cloud': the value 'lef'", Assert.ThrowsExactly<UnknownValueException>(() => Fit(Points.Options(1), good, bad)).Message);
        var warnings = new List<string>();
        _ml.Log += (_, e) =>
        {
            if (e.Kind == Runtime.ChannelMessageKind.Warning)
                warnings.Add(e.Message);
        };
        var options = Points.Options(1);
        options.DropInvalidRows = true;
        Fit(options, bad, null);
        Assert.Contains("1 row is left out", warnings.Single());
        warnings.Clear();
        options = Points.Options(1);
        options.UnknownValues = UnknownValues.Warn;
        Fit(options, bad, bad);
        Assert.Contains("the value 'lef' is none of the 2", warnings.Single());
        warnings.Clear();
        options.UnknownValues = UnknownValues.Ignore;
        Fit(options, bad, bad);
        Assert.IsEmpty(warnings);
        // The same word in two Unicode forms makes two classes, and a warning.
        rows[7].Cloud = "caf\u00E9";
        rows[8].Cloud = "cafe\u0301";
        Fit(Points.Options(1), _ml.Transforms.Conversion.MapValueToKey("Cloud").Fit(_ml.Data.LoadFromEnumerable(rows)).Transform(_ml.Data.LoadFromEnumerable(rows)), null);
        Assert.Contains("values that look alike and count as classes of their own", warnings.Single());

        void Fit(DenoiserTrainer.Options options, IDataView training, IDataView? validation)
        {
            var trainer = d.Trainers.Denoiser("Point", "Cloud", options);
            (validation is null ? trainer.Fit(schedule.Transform(training)) : trainer.Fit(schedule.Transform(training), schedule.Transform(validation))).Dispose();
        }
    }

    private NoiseScheduleEstimator Scheduled() => _ml.Diffusion().Transforms.NoiseSchedule("Point");

    private ML.Transforms.ValueToKeyMappingTransformer Map(params string[] order)
        => _ml.Transforms.Conversion.MapValueToKey("Cloud", keyData: _ml.Data.LoadFromEnumerable(order.Select(value => new { Value = value }))).Fit(Points.Load(_ml, 2));

    private IDataView TextFile(IReadOnlyList<PointRow> rows, string path)
    {
        File.WriteAllLines(path, rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Point[0]:R}\t{row.Point[1]:R}\t{row.Cloud}")));
        return _ml.Data.LoadFromTextFile(path, [new TextLoader.Column("Point", DataKind.Single, 0, 1), new TextLoader.Column("Cloud", DataKind.String, 2)]);
    }

    private IDataView BinaryFile(IDataView data, string path)
    {
        using (var stream = File.Create(path))
            _ml.Data.SaveAsBinary(data, stream);
        return _ml.Data.LoadFromBinary(path);
    }

    private static SchemaDefinition Wide()
    {
        var row = new { Point = new float[] { 1, 2, 3 }, Cloud = "left" };
        var definition = SchemaDefinition.Create(row.GetType());
        definition["Point"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 3);
        return definition;
    }
}
