using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class SaveGeneratorTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void SaveGenerator_TextLabels_NeedsLabelAlone()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        _ml.Diffusion().SaveGenerator(Fit(), path);
        _ml.Model.Load(path, out var schema);
        Assert.AreEqual("Label: String, Strength: Single", Describe(schema));
    }

    [TestMethod]
    public void SaveGenerator_DataPreparedElsewhere_NeedsKey()
    {
        using var folder = new TemporaryFolder();
        var data = Point.Load(_ml, 10);
        var prepared = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        var model = _ml.Diffusion().Transforms.NoiseSchedule("X").Append(new TestDenoiser(_ml, "X", "Label")).Append(_ml.Diffusion().Transforms.Sampler()).Fit(prepared);
        _ml.Diffusion().SaveGenerator(model, folder.File("model.zip"));
        _ml.Model.Load(folder.File("model.zip"), out var schema);
        Assert.AreEqual("Label: Key<UInt32, 0-2>", Describe(schema));
    }

    [TestMethod]
    public void SaveGenerator_KeysMadeElsewhereBesideTheirText_NeedsTheKeyAlone()
    {
        using var folder = new TemporaryFolder();
        var data = Point.Load(_ml, 10);
        var prepared = _ml.Transforms.Conversion.MapValueToKey("Key", "Label").Fit(data).Transform(data);
        var model = _ml.Diffusion().Transforms.NoiseSchedule("X").Append(new TestDenoiser(_ml, "X", "Key")).Append(_ml.Diffusion().Transforms.Sampler()).Fit(prepared);
        _ml.Diffusion().SaveGenerator(model, prepared.Schema, folder.File("model.zip"));
        _ml.Model.Load(folder.File("model.zip"), out var schema);
        Assert.AreEqual("Key: Key<UInt32, 0-2>", Describe(schema));
    }

    [TestMethod]
    public void SaveGenerator_CachedTrainingData_FindsItsSource()
    {
        using var folder = new TemporaryFolder();
        var model = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.Diffusion().Transforms.NoiseSchedule("X"))
            .AppendCacheCheckpoint(_ml)
            .Append(new TestDenoiser(_ml, "X", "Label"))
            .Append(_ml.Diffusion().Transforms.Sampler("Sample", new() { Steps = 2 }))
            .Fit(Point.Load(_ml, 10));
        _ml.Diffusion().SaveGenerator(model, folder.File("model.zip"));
        _ml.Model.Load(folder.File("model.zip"), out var schema);
        Assert.AreEqual("Label: String", Describe(schema));
    }

    [TestMethod]
    public void SaveGenerator_PreparationForTrainingOnly_IsLeftOut()
    {
        using var folder = new TemporaryFolder();
        var model = Prepared(TransformerScope.TrainTest).Fit(Point.Load(_ml, 10));
        _ml.Diffusion().SaveGenerator(model, folder.File("model.zip"));
        var loaded = _ml.Model.Load(folder.File("model.zip"), out var schema);
        Assert.AreEqual("Seed: Int64", Describe(schema));
        Assert.HasCount(3, ViewChecks.Vectors(loaded.Transform(_ml.Diffusion().Data.Rows(3)), "Sample"));
    }

    [TestMethod]
    public void SaveGenerator_PreparationThatScores_SaysWhatToDo()
    {
        using var folder = new TemporaryFolder();
        var model = Prepared(TransformerScope.Everything).Fit(Point.Load(_ml, 10));
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Diffusion().SaveGenerator(model, folder.File("model.zip")));
        Assert.Contains("'X'", e.Message);
        Assert.Contains("TransformerScope.TrainTest", e.Message);
    }

    [TestMethod]
    public void SaveGenerator_LoadedModel_NeedsSchema()
    {
        using var folder = new TemporaryFolder();
        _ml.Diffusion().SaveGenerator(Fit(), folder.File("first.zip"));
        var loaded = _ml.Model.Load(folder.File("first.zip"), out var schema);
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Diffusion().SaveGenerator(loaded, folder.File("second.zip")));
        Assert.Contains("Pass the schema", e.Message);
        _ml.Diffusion().SaveGenerator(loaded, schema, folder.File("second.zip"));
        _ml.Model.Load(folder.File("second.zip"), out var again);
        Assert.AreEqual(Describe(schema), Describe(again));
    }

    [TestMethod]
    public void SaveGenerator_NoSampler_SaysSo()
    {
        var model = TestPipelines.Denoiser(_ml).Fit(Point.Load(_ml, 10));
        var e = Assert.ThrowsExactly<ArgumentException>(() => _ml.Diffusion().SaveGenerator(model, "never.zip"));
        Assert.Contains("no sampler", e.Message);
        Assert.IsFalse(File.Exists("never.zip"));
    }

    [TestMethod]
    public void SaveGenerator_Failure_LeavesOlderFileAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        var model = Fit();
        _ml.Diffusion().SaveGenerator(model, path);
        byte[] before = File.ReadAllBytes(path);
        ((IDisposable)model).Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => _ml.Diffusion().SaveGenerator(model, path));
        Assert.AreSequenceEqual(before, File.ReadAllBytes(path));
        Assert.AreSequenceEqual(new[] { path }, Directory.GetFiles(folder.Root));
    }

    [TestMethod]
    public void SaveGenerator_Stream_Loads()
    {
        using var stream = new MemoryStream();
        _ml.Diffusion().SaveGenerator(Fit(), stream);
        stream.Position = 0;
        var loaded = _ml.Model.Load(stream, out _);
        Assert.HasCount(4, ViewChecks.Vectors(loaded.Transform(_ml.Diffusion().Data.Rows("Label", ["a", "b"], 2)), "Sample"));
    }

    [TestMethod]
    public void Generator_OtherProcess_SamplesAlike()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        var model = Fit();
        _ml.Diffusion().SaveGenerator(model, path);
        float[] samples = [.. ViewChecks.Vectors(model.Transform(_ml.Diffusion().Data.Rows("Label", ["a", "b", "c"])), "Sample").SelectMany(sample => sample)];
        string[] lines = RunProbe(path, "a,b,c");
        Assert.AreEqual("Label,Strength", lines[0]);
        Assert.AreEqual(Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(samples.AsSpan()))), lines[1]);
    }

    [TestMethod]
    public void PredictionEngine_WithSavedSchema_TakesAnySeedMember()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        _ml.Diffusion().SaveGenerator(Fit(scaleColumn: null), path);
        using var longs = Engine<LongQuery>(path);
        using var ints = Engine<IntQuery>(path);
        using var none = Engine<SeedlessQuery>(path);
        float[] expected = longs.Predict(new LongQuery { Label = "b", Seed = 7 }).Sample;
        Assert.AreSequenceEqual(expected, ints.Predict(new IntQuery { Label = "b", Seed = 7 }).Sample);
        Assert.HasCount(4, none.Predict(new SeedlessQuery { Label = "b" }).Sample);
    }

    private PredictionEngine<T, Picture> Engine<T>(string path)
        where T : class
        => _ml.Model.CreatePredictionEngine<T, Picture>(_ml.Model.Load(path, out var schema), schema);

    private TransformerChain<SamplerTransformer> Fit(string? scaleColumn = "Strength") => TestPipelines.Denoiser(_ml)
        .Append(_ml.Diffusion().Transforms.ClassifierFreeGuidance(2, scaleColumn))
        .Append(_ml.Diffusion().Transforms.Sampler("Sample", new() { Steps = 3 }))
        .Fit(Point.Load(_ml, 10));

    private EstimatorChain<ITransformer> Prepared(TransformerScope scope) => new EstimatorChain<ITransformer>()
        .Append<ITransformer>(_ml.Transforms.CopyColumns("Features", "X"), scope)
        .Append<ITransformer>(_ml.Diffusion().Transforms.NoiseSchedule("Features"))
        .Append<ITransformer>(new TestDenoiser(_ml, "Features"))
        .Append<ITransformer>(_ml.Diffusion().Transforms.Sampler("Sample", new() { Steps = 2 }));

    private static string Describe(DataViewSchema schema) => string.Join(", ", schema.Select(column => $"{column.Name}: {column.Type}"));

    private static string[] RunProbe(params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory.Replace("Transforms.Tests", "GeneratorProbe", StringComparison.Ordinal), "GeneratorProbe.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, errors.Result);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private sealed class LongQuery
    {
        public string Label { get; set; } = "";

        public long Seed { get; set; }
    }

    private sealed class IntQuery
    {
        public string Label { get; set; } = "";

        public int Seed { get; set; }
    }

    private sealed class SeedlessQuery
    {
        public string Label { get; set; } = "";
    }

    private sealed class Picture
    {
        public float[] Sample { get; set; } = [];
    }
}
