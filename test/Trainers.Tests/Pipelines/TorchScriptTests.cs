using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class TorchScriptTests
{
    private const int Width = 32;

    private readonly MLContext _ml = new(seed: 1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("torch-script-");

    [TestCleanup]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [TestMethod]
    public void Fit_ModuleFromAFile_LearnsSavesLoadsAndPredicts()
    {
        var d = _ml.Diffusion();
        using var model = Pipeline(Points.Options(800)).Fit(Points.Load(_ml));
        string path = Path.Combine(_folder.FullName, "model.zip");
        d.SaveGenerator(model, path);
        File.Delete(Module());
        var refused = Assert.IsInstanceOfType<TorchScriptConsentException>(Assert.Throws<Exception>(() => _ml.Model.Load(path, out _)).GetBaseException());
        Assert.Contains("TorchScriptConsent.AllowInModels()", refused.Message);
        Assert.Contains(TorchScriptConsent.ModelsSwitch, refused.Message);
        using var consent = TorchScriptConsent.AllowInModels();
        var loaded = _ml.Model.Load(path, out var schema);

        var queries = Points.Queries(_ml, 512);
        float[][] samples = Points.Samples(_ml, loaded.Transform(queries));
        float[][] before = Points.Samples(_ml, model.Transform(queries));
        for (int i = 0; i < samples.Length; i++)
            Assert.AreSequenceEqual(before[i], samples[i]);
        // The clouds are 4 apart in the first value, and 0.5 wide: a class that counts for nothing would leave half on either side.
        Assert.IsGreaterThan(0.9, samples.Where((sample, i) => (i % 2 == 0) == (sample[0] < 0)).Count() / (double)samples.Length);

        using var engine = _ml.Model.CreatePredictionEngine<PointQuery, PointSample>(loaded, schema);
        float[] alone = engine.Predict(new PointQuery { Cloud = "right", Seed = 1 }).Sample;
        for (int i = 0; i < 2; i++)
            Assert.AreEqual(samples[1][i], alone[i], 1e-3, "batches of one agree to 1e-4 of numbers of order 3");
    }

    [TestMethod]
    public void Fit_NoSteps_StartsWithTheValuesOfTheFile()
    {
        var options = Points.Options(1);
        (options.Optimizer, options.EmaLength) = (new SgdOptimizer(0), 0);
        options.LearningRate = 1e-30;
        using var model = Denoiser(Pipeline(options).Fit(Points.Load(_ml)));
        string weights = Path.Combine(_folder.FullName, "weights.safetensors");
        _ml.Diffusion().SaveWeights(model, weights);
        using var file = SafetensorsFile.Open(weights);
        using var first = file.Read("w0");
        Assert.AreSequenceEqual(Values(Width * 2, 0), first.data<float>().ToArray());
    }

    [TestMethod]
    public void Fit_ModuleFromCheckpoint_GoesOn()
    {
        using var whole = Denoiser(Pipeline(Points.Options(30)).Fit(Points.Load(_ml)));
        var options = Points.Options(30);
        options.Checkpoint = new(Path.Combine(_folder.FullName, "checkpoints")) { Every = 10, Resume = true };
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
    public void Fit_ModuleThatDoesNotFit_SaysHowItWasCalled()
    {
        string wrong = Write("x: Tensor, level: Tensor", "return torch.linear(torch.cat([x, x], 1), self.w0, self.b0)");
        string error = Refused(wrong);
        Assert.Contains("can not be called as forward(Float32 [1, 2], Float32 [1], Int64 [1])", error);
        Assert.Contains("Expected at most 3 argument(s)", error);
        Assert.Contains("mat1 and mat2 shapes cannot be multiplied", Refused(Write("x: Tensor, level: Tensor, cloud: Tensor", "return torch.linear(torch.cat([x, x], 1), self.w0, self.b0)")));
        Assert.Contains("answers [1, 32] (Full) to [1, 2]", Refused(Write("x: Tensor, level: Tensor, cloud: Tensor", "return torch.linear(x, self.w0, self.b0)")));
        Assert.DoesNotContain("frame #", error);
    }

    [TestMethod]
    public void Fit_OtherPrecision_IsRefused()
    {
        var options = Points.Options(1);
        options.Precision = Precision.BFloat16;
        Assert.Contains("Float32 alone", Assert.ThrowsExactly<ArgumentException>(() => Pipeline(options).Fit(Points.Load(_ml))).Message);
    }

    [TestMethod]
    public void FromFile_OtherFiles_AreRefusedBeforeNativeCodeSeesThem()
    {
        string path = Path.Combine(_folder.FullName, "other.pt");
        File.WriteAllBytes(path, [1, 2, 3]);
        Assert.Contains("no TorchScript file", Assert.ThrowsExactly<ArgumentException>(() => TorchScriptNetwork.FromFile(path)).Message);
        File.WriteAllBytes(path, new TorchScriptArchive().Add("w", [1], [1]).Write("x: Tensor, level: Tensor", "return ops.torchvision.nms(x, x, 0.5)"));
        Assert.Contains("the operator torchvision::nms is none of those that compute on tensors", Assert.ThrowsExactly<ArgumentException>(() => TorchScriptNetwork.FromFile(path)).Message);
        Assert.ThrowsExactly<FileNotFoundException>(() => TorchScriptNetwork.FromFile(path + ".not"));
    }

    private string Refused(string module)
    {
        var options = Points.Options(1);
        return Assert.ThrowsExactly<ArgumentException>(() => Pipeline(options, module).Fit(Points.Load(_ml))).Message;
    }

    private Microsoft.ML.Data.EstimatorChain<SamplerTransformer> Pipeline(DenoiserTrainer.Options options, string? module = null)
    {
        options.Network = TorchScriptNetwork.FromFile(module ?? Module());
        var d = _ml.Diffusion();
        return _ml.Transforms.Conversion.MapValueToKey("Cloud").Append(d.Transforms.NoiseSchedule("Point")).Append(d.Trainers.Denoiser("Point", "Cloud", options))
            .Append(d.Transforms.Sampler("Sample", new() { BatchSize = 256, Steps = 20 }));
    }

    // Two layers, told level and class.
    private string Module() => Write("x: Tensor, level: Tensor, cloud: Tensor",
        "told = torch.add(torch.linear(torch.unsqueeze(level, 1), self.wl, self.b0), torch.embedding(self.table, cloud))",
        "h = torch.silu(torch.add(torch.linear(x, self.w0), told))",
        "h0 = torch.silu(torch.linear(h, self.w1, self.b1))",
        "return torch.linear(h0, self.w2, self.b2)");

    private string Write(string arguments, params string[] lines)
    {
        string path = Path.Combine(_folder.FullName, "module.pt");
        File.WriteAllBytes(path, new TorchScriptArchive()
            .Add("w0", Values(Width * 2, 0), [Width, 2]).Add("b0", Values(Width, 1), [Width]).Add("wl", Values(Width, 2), [Width, 1]).Add("table", Values(3 * Width, 3), [3, Width])
            .Add("w1", Values(Width * Width, 4), [Width, Width]).Add("b1", Values(Width, 5), [Width]).Add("w2", Values(2 * Width, 6), [2, Width]).Add("b2", Values(2, 7), [2])
            .Write(arguments, lines));
        return path;
    }

    private static float[] Values(int count, int key)
    {
        var values = new float[count];
        RowNoise.FillNormal(values, 3, new RowKey((ulong)key), 0);
        return [.. values.Select(value => 0.2f * value)];
    }

    private static DenoiserTransformer Denoiser(ITransformer model) => Steps(model).OfType<DenoiserTransformer>().Single();

    private static IEnumerable<ITransformer> Steps(ITransformer model) => model is IEnumerable<ITransformer> chain ? chain.SelectMany(Steps) : [model];
}
