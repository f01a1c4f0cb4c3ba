using System.Diagnostics;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class OwnNetworkTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("own-network-");

    [ClassInitialize]
    public static void Register(TestContext context) => Kinds.Register<Network, GatedMlp>("gated-mlp");

    [TestCleanup]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [TestMethod]
    public void Fit_OwnNetwork_LearnsSavesLoadsAndPredicts()
    {
        var d = _ml.Diffusion();
        using var model = Pipeline(Points.Options(600)).Fit(Points.Load(_ml));
        string path = Path.Combine(_folder.FullName, "model.zip");
        d.SaveGenerator(model, path);
        var loaded = _ml.Model.Load(path, out var schema);
        Assert.AreEqual(24, ((GatedMlp)Denoiser(loaded).Spec.Network).Width);

        var queries = Points.Queries(_ml, 512);
        float[][] samples = Points.Samples(_ml, loaded.Transform(queries));
        Assert.AreSequenceEqual(Points.Samples(_ml, model.Transform(queries))[5], samples[5]);
        // The clouds are 4 apart in the first value, and 0.5 wide: a class that counts for nothing would leave half on either side.
        Assert.IsGreaterThan(0.9, samples.Where((sample, i) => (i % 2 == 0) == (sample[0] < 0)).Count() / (double)samples.Length);

        using var engine = _ml.Model.CreatePredictionEngine<PointQuery, PointSample>(loaded, schema);
        float[] alone = engine.Predict(new PointQuery { Cloud = "right", Seed = 1 }).Sample;
        for (int i = 0; i < 2; i++)
            Assert.AreEqual(samples[1][i], alone[i], 1e-3, "batches of one agree to 1e-4 of numbers of order 3");
    }

    [TestMethod]
    public void Fit_OwnNetworkFromCheckpoint_GoesOn()
    {
        using var whole = Denoiser(Pipeline(Points.Options(30)).Fit(Points.Load(_ml)));
        var options = Points.Options(30);
        options.Checkpoint = new(_folder.FullName) { Every = 10, Resume = true };
        using var stop = new CancellationTokenSource();
        options.CancellationToken = stop.Token;
        options.Progress = new Recorder(progress =>
        {
            if (progress.Step == 17)
                stop.Cancel();
        });
        using (Pipeline(options).Fit(Points.Load(_ml)))
            options.CancellationToken = CancellationToken.None;
        options.Progress = null;
        using var resumed = Denoiser(Pipeline(options).Fit(Points.Load(_ml)));
        Assert.AreSequenceEqual(TrainedWeights.Of(whole), TrainedWeights.Of(resumed));
    }

    [TestMethod]
    public void Fit_NetworkWithoutKind_SaysHowToRegister()
    {
        var options = Points.Options(1);
        options.Network = new NamelessNetwork();
        var trainer = _ml.Diffusion().Transforms.NoiseSchedule("Point").Append(_ml.Diffusion().Trainers.Denoiser("Point", options: options));
        Assert.Contains("Kinds.Register<Network, NamelessNetwork>(", Assert.ThrowsExactly<NotSupportedException>(() => trainer.Fit(Points.Load(_ml))).Message);
    }

    [TestMethod]
    public void Load_InAProgramWithoutTheNetwork_NamesItAndSaysHowToRegister()
    {
        string path = Path.Combine(_folder.FullName, "model.zip");
        using (var model = Pipeline(Points.Options(1)).Fit(Points.Load(_ml)))
            _ml.Diffusion().SaveGenerator(model, path);
        string program = Path.Combine(AppContext.BaseDirectory.Replace("Trainers.Tests", "GeneratorProbe", StringComparison.Ordinal), "GeneratorProbe.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, path, "left"]) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.AreNotEqual(0, process.ExitCode);
        Assert.Contains("'network' is of the kind 'gated-mlp', which this program does not know", error);
        Assert.Contains("Kinds.Register<TheBase, TheClass>(\"gated-mlp\")", error);
        Assert.DoesNotContain("damaged", error);
    }

    [TestMethod]
    public void Guide_OwnNetwork_IsTheTestedOne()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "docs", "networks.md")))
            folder = folder.Parent!;
        string source = File.ReadAllText(Path.Combine(folder.FullName, "test", "Trainers.Tests", "Pipelines", "OwnNetworks.cs")).ReplaceLineEndings("\n");
        string guide = File.ReadAllText(Path.Combine(folder.FullName, "docs", "networks.md")).ReplaceLineEndings("\n");
        int start = guide.IndexOf("internal sealed class GatedMlp", StringComparison.Ordinal);
        Assert.Contains(guide[start..guide.IndexOf("```", start, StringComparison.Ordinal)], source);
    }

    [TestMethod]
    public void Register_TakenNameOrClass_IsRefused()
    {
        Kinds.Register<Network, GatedMlp>("gated-mlp");
        Assert.Contains("stands for Microsoft.ML.Diffusion.UNet", Assert.ThrowsExactly<ArgumentException>(() => Kinds.Register<Network, NamelessNetwork>("unet")).Message);
        Assert.Contains("GatedMlp", Assert.ThrowsExactly<ArgumentException>(() => Kinds.Register<Network, GatedMlp>("other")).Message);
    }

    private Microsoft.ML.Data.EstimatorChain<Transforms.SamplerTransformer> Pipeline(DenoiserTrainer.Options options)
    {
        options.Network = new GatedMlp { Width = 24 };
        var d = _ml.Diffusion();
        return _ml.Transforms.Conversion.MapValueToKey("Cloud").Append(d.Transforms.NoiseSchedule("Point")).Append(d.Trainers.Denoiser("Point", "Cloud", options))
            .Append(d.Transforms.Sampler("Sample", new() { BatchSize = 256, Steps = 20 }));
    }

    private static Transforms.DenoiserTransformer Denoiser(ITransformer model)
        => Steps(model).OfType<Transforms.DenoiserTransformer>().Single();

    private static IEnumerable<ITransformer> Steps(ITransformer model)
        => model is IEnumerable<ITransformer> chain ? chain.SelectMany(Steps) : [model];
}
