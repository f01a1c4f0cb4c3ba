using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class SaveWeightsTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TemporaryFolder _folder = new();
    private readonly string _path;
    private readonly ITransformer _model;

    public SaveWeightsTests()
    {
        _path = _folder.File("weights.safetensors");
        _model = TestPipelines.Conditional(_ml).Fit(Point.Load(_ml, 10));
        _ml.Diffusion().SaveWeights(_model, _path);
    }

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void SaveWeights_OfAPipeline_HoldsTheNetworksParameters()
    {
        var spec = DenoiserSteps.Find(_model).Spec;
        using var file = SafetensorsFile.Open(_path);
        Assert.AreSequenceEqual(spec.Network.ListParameters(spec.Shape, spec.Conditions).Select(parameter => $"{parameter.Name} F32 [{string.Join(", ", parameter.Shape)}]"),
            file.Entries.Select(entry => entry.ToString()));
        Assert.AreEqual("pt", file.Metadata["format"]);
        Assert.AreEqual("residual-mlp", file.Metadata["network"]);
    }

    [TestMethod]
    public void LoadWeights_OfOtherClasses_NamesBoth()
    {
        var other = Labelled("dog", "cat");
        _ml.Diffusion().SaveWeights(Labelled("cat", "dog"), _path + ".cat");
        string message = Assert.ThrowsExactly<InvalidDataException>(() => _ml.Diffusion().LoadWeights(other, _path + ".cat")).Message;
        Assert.Contains("whose classes are 'cat', 'dog', in this order; those of the model that takes them are 'dog', 'cat'", message);
        _ml.Diffusion().SaveWeights(other, _path + ".dog");
        using var same = (IDisposable)_ml.Diffusion().LoadWeights(other, _path + ".dog");
    }

    private TransformerChain<DenoiserTransformer> Labelled(params string[] labels)
    {
        var rows = _ml.Data.LoadFromEnumerable(labels.Select((label, i) => new Point { X = [i, 1, -i, 2], Label = label }));
        return _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.Diffusion().Transforms.NoiseSchedule("X")).Append(new TestDenoiser(_ml, "X", "Label")).Fit(rows);
    }

    [TestMethod]
    public void LoadWeights_ThereAndBack_SamplesAreBitIdentical()
    {
        float[][] expected = Samples(_model);
        Change((_, weights) => weights.neg());
        var changed = _ml.Diffusion().LoadWeights(_model, _path + ".changed");
        Assert.IsFalse(Equal(expected, Samples(changed)), "The weights were not replaced.");
        Assert.IsTrue(Equal(expected, Samples(_model)), "The given model changed.");
        var back = _ml.Diffusion().LoadWeights(changed, _path);
        Assert.IsTrue(Equal(expected, Samples(back)));
        ((IDisposable)changed).Dispose();
        Assert.IsTrue(Equal(expected, Samples(back)));

        _ml.Diffusion().SaveWeights(back, _path + ".again");
        Assert.AreSequenceEqual(File.ReadAllBytes(_path), File.ReadAllBytes(_path + ".again"));
    }

    [TestMethod]
    public void LoadWeights_BFloat16_IsTheRoundedNetwork()
    {
        Change((_, weights) => weights.to(ScalarType.BFloat16));
        var half = _ml.Diffusion().LoadWeights(_model, _path + ".changed");
        Change((_, weights) => weights.to(ScalarType.BFloat16).to(ScalarType.Float32));
        var rounded = _ml.Diffusion().LoadWeights(_model, _path + ".changed");
        Assert.IsTrue(Equal(Samples(rounded), Samples(half)));
        Assert.IsFalse(Equal(Samples(_model), Samples(half)));
    }

    [TestMethod]
    public void LoadWeights_IntoAChain_KeepsScopesAndSchemas()
    {
        var pipeline = new EstimatorChain<ITransformer>()
            .Append<ITransformer>(_ml.Transforms.CopyColumns("Features", "X"), TransformerScope.TrainTest)
            .Append<ITransformer>(_ml.Diffusion().Transforms.NoiseSchedule("Features"))
            .Append<ITransformer>(new TestDenoiser(_ml, "Features"))
            .Append<ITransformer>(_ml.Diffusion().Transforms.Sampler("Sample", new() { Steps = 2 }));
        var model = pipeline.Fit(Point.Load(_ml, 10));
        _ml.Diffusion().SaveWeights(model, _path);
        var loaded = _ml.Diffusion().LoadWeights(model, _path);
        _ml.Diffusion().SaveGenerator(loaded, _folder.File("model.zip"));
        var generator = _ml.Model.Load(_folder.File("model.zip"), out _);
        Assert.HasCount(3, ViewChecks.Vectors(generator.Transform(_ml.Diffusion().Data.Rows(3)), "Sample"));
    }

    [TestMethod]
    public void LoadWeights_OtherNetworksFile_ListsWhatDiffers()
    {
        Change((name, weights) => name switch
        {
            "linear_in.weight" => weights.t(),
            "linear_in.bias" => weights.to(ScalarType.Int32),
            "linear_out.bias" => null,
            _ => weights,
        }, "more.weight");
        var exception = Assert.ThrowsExactly<InvalidDataException>(() => _ml.Diffusion().LoadWeights(_model, _path + ".changed"));
        foreach (string part in new[] { _path + ".changed", "Missing from the file (1): linear_out.bias [4]", "Of another shape or type (2)", "expected linear_in.weight [16, ", "got linear_in.bias I32 [16]", "Not in the network (1): more.weight F32 [1]" })
            Assert.Contains(part, exception.Message);
        File.WriteAllBytes(_path, [1, 2, 3]);
        Assert.Contains(_path, Assert.ThrowsExactly<InvalidDataException>(() => _ml.Diffusion().LoadWeights(_model, _path)).Message);
        Assert.ThrowsExactly<FileNotFoundException>(() => _ml.Diffusion().LoadWeights(_model, _path + ".absent"));
    }

    [TestMethod]
    public void LoadWeights_RefusedFile_LeavesNoTensors()
    {
        Change((name, weights) => name == "linear_out.bias" ? null : weights);
        TensorLeak.AssertNone(() => Assert.ThrowsExactly<InvalidDataException>(() => _ml.Diffusion().LoadWeights(_model, _path + ".changed")));
    }

    [TestMethod]
    public void SaveWeights_NoneOrSeveralDenoisers_SaysSo()
    {
        var data = Point.Load(_ml, 5);
        var none = _ml.Diffusion().Transforms.NoiseSchedule("X").Fit(data);
        Assert.Contains("no trained denoiser", Assert.ThrowsExactly<ArgumentException>(() => _ml.Diffusion().SaveWeights(none, _path)).Message);
        var denoiser = DenoiserSteps.Find(_model);
        var two = new TransformerChain<ITransformer>(_model, denoiser);
        Assert.Contains("2 denoisers", Assert.ThrowsExactly<ArgumentException>(() => _ml.Diffusion().LoadWeights(two, _path)).Message);
        using var alone = (DenoiserTransformer)_ml.Diffusion().LoadWeights(denoiser, _path);
        Assert.AreNotSame(denoiser.Model, alone.Model);
    }

    private float[][] Samples(ITransformer model)
        => [.. ViewChecks.Vectors(model.Transform(_ml.Diffusion().Data.Rows("Label", ["a", "b", "c"])), "Sample")];

    private static bool Equal(IEnumerable<float[]> a, IEnumerable<float[]> b) => a.SelectMany(row => row).SequenceEqual(b.SelectMany(row => row));

    /// <summary>Writes the file once more, with other tensors; those that become null are left out.</summary>
    private void Change(Func<string, Tensor, Tensor?> change, params string[] more)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var file = SafetensorsFile.Open(_path);
        var tensors = new Dictionary<string, Tensor>();
        foreach (var entry in file.Entries)
            if (change(entry.Name, file.Read(entry.Name)) is { } changed)
                tensors.Add(entry.Name, changed);
        foreach (string name in more)
            tensors.Add(name, ones(1));
        SafetensorsFile.Save(_path + ".changed", tensors);
    }
}
