using System.Text.Json.Nodes;
using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.TestSupport.Golden;
using Microsoft.ML.Diffusion.Transforms;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class LoadDiffusersTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Fit_UnconditionalFolder_KeepsThePromisesOfAnEstimator()
        => EstimatorChecks.Run(_ml, _ml.Diffusion().Transforms.LoadDiffusers(TinyFolder.Unconditional(_folder), options: new() { Steps = 2 }), _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 5).Select(seed => new SeedRow { Seed = seed })));

    [TestMethod]
    public void Transform_UnconditionalFolder_PicturesOfPixels()
    {
        var model = Fit(TinyFolder.Unconditional(_folder));
        var samples = Samples(model);
        Assert.HasCount(3, samples);
        foreach (float[] sample in samples)
        {
            Assert.HasCount(3 * 8 * 8, sample);
            Assert.IsTrue(sample.All(pixel => pixel is >= 0 and <= 255));
            Assert.IsGreaterThan(10, sample.Max() - sample.Min());
        }
        using var engine = _ml.Model.CreatePredictionEngine<SeedRow, SampleRow>(model);
        // Batches of one sum in another order; pixels count to 255.
        float[] single = engine.Predict(new SeedRow { Seed = 1 }).Sample!;
        Assert.IsLessThan(0.05, single.Zip(samples[1], (a, b) => Math.Abs(a - b)).Max());
    }

    [TestMethod]
    public void Denoise_AtATimestep_IsTheReferencesNetwork()
    {
        var model = Fit(TinyFolder.Unconditional(_folder));
        var file = GoldenFile.Read(Path.Combine(TinyFolder.Networks, "unet2d_tiny.json"));
        using var golden = new NetworkGolden(file, file.Cases[0]);
        var schedule = (DiscreteSchedule)KnownSchedules.Linear;
        using var scope = NewDisposeScope();
        using var timesteps = golden.Input("timestep");
        var levels = new NoiseLevels([.. timesteps.data<float>().ToArray().Select(step => schedule.LevelOf((int)step))]);
        var x = golden.Input("sample");
        var x0 = DenoiserSteps.Find(model).Model.Denoiser.Denoise(x, new StepContext(levels), Conditioning.None).X0;
        // ε from x = α·x0 + σ·ε.
        using var clean = levels.Multiply(x0, level => level.Alpha);
        using var noise = levels.Multiply(x - clean, level => 1 / level.Sigma);
        var expected = golden.Output("sample");
        // x̂0 and back divides the rounding of Float32 by σ, 0.04 at step 17.
        Assert.IsLessThan(golden.ToleranceOf("sample") + Float32Tolerance.OfSums(1, magnitude: 1 / 0.04), noise.data<float>().ToArray().Zip(expected, (a, b) => Math.Abs(a - b)).Max());
    }

    [TestMethod]
    public void Transform_LatentFolder_DecodedPicturesThatFollowTheirTokens()
    {
        var model = _ml.Diffusion().Transforms.LoadDiffusers(TinyFolder.Latent(_folder), options: new() { Steps = 4, ConditionColumns = ["Tokens"] }).Fit(Tokens());
        var view = model.Transform(Tokens());
        var pictures = ViewChecks.Vectors(view, "Sample");
        Assert.AreSequenceEqual((int[])[3, 16, 16], ((VectorDataViewType)view.Schema["Sample"].Type).Dimensions);
        Assert.AreSequenceEqual((int[])[4, 8, 8], ((VectorDataViewType)view.Schema["SampleLatents"].Type).Dimensions);
        Assert.HasCount(3, pictures);
        // The first two rows differ in their tokens alone.
        Assert.IsGreaterThan(0.01, pictures[0].Zip(pictures[1], (a, b) => Math.Abs(a - b)).Max());
        ViewChecks.SameValues(view, EstimatorChecks.Reload(_ml, model, Tokens().Schema).Transform(Tokens()));
    }

    [TestMethod]
    public void Transform_TransformerFolder_PicturesOfTheirClassesAndTheSameWhenSavedAndLoaded()
    {
        string folder = Path.Combine(_folder.Root, "dit");
        TinyFolder.AddNetwork(folder, "transformer", "dit_diffusers_tiny");
        TinyFolder.AddScheduler(folder, "DPMSolverMultistepScheduler");
        var rows = _ml.Data.LoadFromEnumerable<ClassRow>([new() { Seed = 1, Class = 1 }, new() { Seed = 1, Class = 6 }, new() { Seed = 2, Class = 0 }]);
        var options = new DiffusersEstimator.Options { Steps = 4, ConditionColumns = ["Class"] };
        var model = _ml.Diffusion().Transforms.LoadDiffusers(folder, options: options).Fit(rows);
        var samples = ViewChecks.Vectors(model.Transform(rows), "Sample");
        Assert.IsFalse(samples[0].SequenceEqual(samples[1]));
        _ml.Diffusion().SaveDiffusers(model, folder + "2");
        var again = _ml.Diffusion().Transforms.LoadDiffusers(folder + "2", options: options).Fit(rows);
        Assert.AreSequenceEqual(samples.SelectMany(row => row), ViewChecks.Vectors(again.Transform(rows), "Sample").SelectMany(row => row));
    }

    [TestMethod]
    public void SaveGenerator_LatentFolder_NeedsTheTokensAlone()
    {
        var model = _ml.Diffusion().Transforms.LoadDiffusers(TinyFolder.Latent(_folder), options: new() { Steps = 4, ConditionColumns = ["Tokens"] }).Fit(Tokens());
        string path = Path.Combine(_folder.Root, "model.zip");
        _ml.Diffusion().SaveGenerator(model, path);
        var loaded = _ml.Model.Load(path, out var schema);
        Assert.AreEqual("Tokens", string.Join(", ", schema.Select(column => column.Name)));
        Assert.AreSequenceEqual(ViewChecks.Vectors(model.Transform(Tokens()), "Sample").SelectMany(row => row), ViewChecks.Vectors(loaded.Transform(Tokens()), "Sample").SelectMany(row => row));
    }

    [TestMethod]
    public void Transform_GuidanceScale_OneIsTheModelItselfAndMoreIsNot()
    {
        string folder = TinyFolder.Latent(_folder);
        float[] Sample(double? scale) => ViewChecks.Vectors(
            _ml.Diffusion().Transforms.LoadDiffusers(folder, options: new() { Steps = 4, ConditionColumns = ["Tokens"], GuidanceScale = scale }).Fit(Tokens()).Transform(Tokens()), "Sample")[0];
        var plain = Sample(null);
        // Pixels count to 255; the sum of two answers rounds.
        Assert.IsLessThan(0.05, plain.Zip(Sample(1), (a, b) => Math.Abs(a - b)).Max());
        Assert.IsGreaterThan(0.5, plain.Zip(Sample(5), (a, b) => Math.Abs(a - b)).Max());
    }

    [TestMethod]
    public void Fit_HalfPrecisionInShards_IsTheRoundedNetwork()
    {
        string folder = TinyFolder.Unconditional(_folder), part = Path.Combine(folder, "unet"), whole = Path.Combine(part, TinyFolder.WeightsName);
        Rewrite(whole, (name, weights) => (name, weights.to(ScalarType.Float16).to(ScalarType.Float32)));
        var expected = Samples(Fit(folder));
        using (var file = SafetensorsFile.Open(whole))
        {
            var map = new JsonObject();
            for (int shard = 0; shard < 2; shard++)
            {
                string name = $"shard-{shard}.safetensors";
                using var scope = NewDisposeScope();
                var tensors = file.Entries.Where((_, i) => i % 2 == shard).ToDictionary(entry => entry.Name, entry => file.Read(entry.Name).to(ScalarType.Float16));
                foreach (string tensor in tensors.Keys)
                    map[tensor] = name;
                SafetensorsFile.Save(Path.Combine(part, name), tensors);
            }
            File.WriteAllText(whole + ".index.json", new JsonObject { ["weight_map"] = map }.ToJsonString());
        }
        File.Delete(whole);
        Assert.AreSequenceEqual(expected.SelectMany(row => row), Samples(Fit(folder)).SelectMany(row => row));
        File.WriteAllText(whole + ".index.json", """{"weight_map":{"conv_in.weight":"../../elsewhere.safetensors"}}""");
        Assert.Contains("'../../elsewhere.safetensors', which is no file of its folder", Assert.ThrowsExactly<InvalidDataException>(() => Fit(folder)).Message);
    }

    [TestMethod]
    public void Fit_OldNamesOfAttention_TheSameNetwork()
    {
        string folder = TinyFolder.Unconditional(_folder);
        var expected = Samples(Fit(folder));
        Rewrite(Path.Combine(folder, "unet", TinyFolder.WeightsName), (name, weights) => (name.Replace(".to_q.", ".query.", StringComparison.Ordinal)
            .Replace(".to_k.", ".key.", StringComparison.Ordinal).Replace(".to_v.", ".value.", StringComparison.Ordinal).Replace(".to_out.0.", ".proj_attn.", StringComparison.Ordinal), weights.alias()));
        Assert.AreSequenceEqual(expected.SelectMany(row => row), Samples(Fit(folder)).SelectMany(row => row));
    }

    [TestMethod]
    public void Fit_WhatIsNotSupported_RefusedByName()
    {
        Assert.Contains("nothing is downloaded", Assert.ThrowsExactly<DirectoryNotFoundException>(() => Fit("stabilityai/stable-diffusion")).Message);
        Refused<NotSupportedException>("sampler 'X'", "_class_name 'XScheduler' is not supported; known are 'DDIMScheduler', ", folder => TinyFolder.AddScheduler(folder, "XScheduler"));
        Refused<NotSupportedException>("scheduler option", "use_dynamic_shifting is not supported", folder => TinyFolder.AddScheduler(folder, "FlowMatchEulerDiscreteScheduler", ("use_dynamic_shifting", true)));
        Refused<NotSupportedException>("unknown option", "the option use_magic is not supported; it is 3", folder => Network(folder, ("use_magic", 3)));
        Refused<NotSupportedException>("block", "down_block_types 'SkipDownBlock2D' is not supported", folder => Network(folder, ("down_block_types", new JsonArray("SkipDownBlock2D", "DownBlock2D"))));
        Refused<NotSupportedException>("class", "_class_name 'FluxTransformer2DModel' is not supported", folder => Network(folder, ("_class_name", "FluxTransformer2DModel")));
        Refused<InvalidDataException>("type", "layers_per_block must be a whole number in 1 … 256, got \"two\"", folder => Network(folder, ("layers_per_block", "two")));
        Refused<InvalidDataException>("weights", "Of another shape or type", folder => Network(folder, ("block_out_channels", new JsonArray(16, 24))));
        Refused<FileNotFoundException>("pickle", "because they can run code", folder =>
        {
            string weights = Path.Combine(folder, "unet", TinyFolder.WeightsName);
            File.Move(weights, Path.Combine(folder, "unet", "diffusion_pytorch_model.bin"));
        });
        Refused<FileNotFoundException>("scheduler", "no scheduler/scheduler_config.json", folder => Directory.Delete(Path.Combine(folder, "scheduler"), recursive: true));
    }

    private static void Network(string folder, params (string, JsonNode?)[] changes)
    {
        Directory.Delete(Path.Combine(folder, "unet"), recursive: true);
        TinyFolder.AddNetwork(folder, "unet", "unet2d_tiny", changes);
    }

    private void Refused<TException>(string name, string message, Action<string> change)
        where TException : Exception
    {
        string folder = TinyFolder.Unconditional(_folder, name);
        change(folder);
        Assert.Contains(message, Assert.ThrowsExactly<TException>(() => Fit(folder)).Message);
    }

    private ITransformer Fit(string folder) => _ml.Diffusion().Transforms.LoadDiffusers(folder, options: new() { Steps = 3 }).Fit(_ml.Diffusion().Data.Rows(1));

    private float[][] Samples(ITransformer model)
        => ViewChecks.Vectors(model.Transform(_ml.Data.LoadFromEnumerable(Enumerable.Range(0, 3).Select(seed => new SeedRow { Seed = seed }))), "Sample");

    private IDataView Tokens() => _ml.Data.LoadFromEnumerable<TokenRow>(
    [
        new() { Seed = 1, Tokens = [.. Enumerable.Range(0, 24).Select(i => MathF.Sin(i))] },
        new() { Seed = 1, Tokens = [.. Enumerable.Range(0, 24).Select(i => MathF.Cos(i))] },
        new() { Seed = 3, Tokens = [.. Enumerable.Range(0, 24).Select(i => i < 12 ? MathF.Sin(i) : float.NaN)] },
    ]);

    private static void Rewrite(string path, Func<string, Tensor, (string, Tensor)> change)
    {
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors;
        using (var file = SafetensorsFile.Open(path))
            tensors = file.Entries.Select(entry => change(entry.Name, file.Read(entry.Name))).ToDictionary(item => item.Item1, item => item.Item2);
        SafetensorsFile.Save(path, tensors);
    }

    private sealed class SeedRow
    {
        public long Seed { get; set; }
    }

    private sealed class SampleRow
    {
        public float[]? Sample { get; set; }
    }

    private sealed class ClassRow
    {
        public long Seed { get; set; }

        [KeyType(6)]
        public uint Class { get; set; }
    }

    private sealed class TokenRow
    {
        public long Seed { get; set; }

        [VectorType(2, 12)]
        public float[]? Tokens { get; set; }
    }
}
