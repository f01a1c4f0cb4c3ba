using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>What a model does not know is no missing value: it is told, with what is known.</summary>
[TestClass]
public sealed class UnknownValueTests
{
    private const string Composed = "caf\u00E9", Decomposed = "cafe\u0301";

    private readonly MLContext _ml = new(1);

    public static IEnumerable<object[]> Ways => [["fitted"], ["loaded"], ["other column"], ["keys elsewhere"]];

    [TestMethod]
    [DynamicData(nameof(Ways))]
    public void Transform_UnknownLabel_IsAnErrorThatNamesTheKnown(string way)
    {
        var model = Model(way);
        foreach (string unknown in new[] { "zebra", "Cat", "dog ", " ", "CAFÉ" })
        {
            var e = Assert.ThrowsExactly<UnknownValueException>(() => Packed(model, ["cat", unknown]));
            Assert.AreEqual(unknown, e.Value);
            Assert.AreSequenceEqual(new[] { "cat", "dog", Composed }, e.Known);
            Assert.StartsWith($"Row 1, column '{(way == "other column" ? "Key" : "Label")}': the value '{unknown}' is none of the 3 that the model was trained with: 'cat', 'dog', '{Composed}'.", e.Message);
        }
        Assert.AreSequenceEqual((float[])[1, 2, 3, 3, 0], Packed(model, ["cat", "dog", Composed, Decomposed, ""]).Select(row => row[0]));
    }

    [TestMethod]
    public void Transform_KeysInThePlaceOfAnotherColumn_UnknownIsAnErrorToo()
    {
        var model = _ml.Transforms.CopyColumns("Spelled", "Label").Append(_ml.Transforms.Conversion.MapValueToKey("Label", "Spelled")).Append(_ml.Diffusion().Transforms.NoiseSchedule("X"))
            .Append(new TestDenoiser(_ml, "X", "Label")).Fit(Labelled("cat", "dog"));
        Assert.AreEqual("zebra", Assert.ThrowsExactly<UnknownValueException>(() => Packed(model, ["cat", "zebra"])).Value);
        Assert.AreSequenceEqual((float[])[2, 0], Packed(model, ["dog", ""]).Select(row => row[0]));
    }

    [TestMethod]
    public void PredictionEngine_UnknownLabel_IsAnError()
    {
        using var engine = _ml.Model.CreatePredictionEngine<Query, Answer>(Model("loaded"));
        Assert.HasCount(4, engine.Predict(new() { Label = "cat" }).Sample);
        Assert.HasCount(4, engine.Predict(new() { Label = "" }).Sample);
        Assert.AreEqual("zebra", Assert.ThrowsExactly<UnknownValueException>(() => engine.Predict(new() { Label = "zebra" })).Value);
    }

    [TestMethod]
    [DataRow(UnknownValues.Warn)]
    [DataRow(UnknownValues.Ignore)]
    public void Transform_ByOption_UnknownIsMissing(UnknownValues choice)
    {
        var warnings = new List<string>();
        var model = Model("loaded", choice);
        _ml.Log += (_, e) =>
        {
            if (e.Kind == Runtime.ChannelMessageKind.Warning)
                warnings.Add(e.Message);
        };
        Assert.AreSequenceEqual((float[])[0, 1, 0, 0], Packed(model, ["zebra", "cat", "zebra", "Cat"]).Select(row => row[0]));
        if (choice == UnknownValues.Ignore)
        {
            Assert.IsEmpty(warnings);
            return;
        }
        Assert.HasCount(2, warnings);
        Assert.Contains("Row 0, column 'Label': the value 'zebra' is none of the 3", warnings[0]);
        Assert.Contains("It counts as missing", warnings[0]);
        Assert.Contains("'Cat'", warnings[1]);
    }

    [TestMethod]
    public void Transform_ManyClasses_TheNearestAreNamedFirst()
    {
        string[] classes = [.. Enumerable.Range(0, 200).Select(i => $"class {i}"), "zebra"];
        var data = Labelled(classes);
        var model = Chain().Fit(data);
        var e = Assert.ThrowsExactly<UnknownValueException>(() => Packed(model, ["Zebar"]));
        Assert.Contains("none of the 201 that the model was trained with: 'zebra', ", e.Message);
        Assert.Contains(" and 191 more.", e.Message);
    }

    [TestMethod]
    public void Transform_MappingThatKnowsLess_AsksTheModel()
    {
        // The mapping has no key for what the model knows well.
        var model = Chain().Fit(Labelled("cat", "dog"));
        var rows = _ml.Transforms.Conversion.MapValueToKey("Label", maximumNumberOfKeys: 1).Fit(Labelled("dog", "cat")).Transform(Labelled("dog", "cat"));
        Assert.AreSequenceEqual(new uint[] { 1, 0 }, rows.GetColumn<uint>("Label"));
        var denoiser = ((IEnumerable<ITransformer>)model).OfType<DenoiserTransformer>().Single();
        Assert.AreSequenceEqual((float[])[2, 1], ViewChecks.Vectors(denoiser.Transform(rows), "Denoiser").Select(row => row[0]));
    }

    [TestMethod]
    public void Transform_NumbersAsClasses_AreToldToo()
    {
        var data = _ml.Data.LoadFromEnumerable(new[] { new Rated { X = [1, 2, 3, 4], Label = 1 }, new Rated { X = [4, 3, 2, 1], Label = 2.5f } });
        var model = Chain().Fit(data);
        IDataView Ask(params float[] labels) => model.Transform(_ml.Data.LoadFromEnumerable(labels.Select(label => new Rated { X = [0, 0, 0, 0], Label = label })));
        Assert.AreSequenceEqual((float[])[2, 0, 1], ViewChecks.Vectors(Ask(2.5f, float.NaN, 1), "Denoiser").Select(row => row[0]));
        Assert.Contains("the value '3' is none of the 2 that the model was trained with: '1', '2.5'", Assert.ThrowsExactly<UnknownValueException>(() => ViewChecks.Vectors(Ask(3), "Denoiser")).Message);
    }

    [TestMethod]
    public void Guidance_UnknownLabel_IsAnErrorToo()
    {
        var d = _ml.Diffusion().Transforms;
        var data = _ml.Data.LoadFromEnumerable(Wish.Make(6));
        var model = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.Transforms.Conversion.MapValueToKey("Not", "Other")).Append(d.NoiseSchedule("X")).Append(new TestDenoiser(_ml, "X", "Label"))
            .Append(d.ClassifierFreeGuidance(new ClassifierFreeGuidanceOptions { NegativeColumns = new Dictionary<string, string> { ["Label"] = "Not" } })).Fit(data);
        Wish[] rows = [.. Wish.Make(2)];
        rows[1].Other = "zebra";
        var e = Assert.ThrowsExactly<UnknownValueException>(() => ViewChecks.Vectors(model.Transform(_ml.Data.LoadFromEnumerable(rows)), "Denoiser"));
        Assert.StartsWith("Row 1, column 'Not': the value 'zebra'", e.Message);
    }

    [TestMethod]
    public void LoadImages_FolderNamesInAnyUnicodeForm_AreOneClass()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in new[] { Composed, Decomposed, "dog" })
        {
            Directory.CreateDirectory(folder.File(name));
            TestPictures.Plain(Path.Combine(folder.File(name), "a.png"), 4, 4, SkiaSharp.SKColors.Red);
        }
        string[] labels = [.. _ml.Diffusion().Data.LoadImages(folder.Root, 4, 4).GetColumn<string>("Label")];
        Assert.AreSequenceEqual(new[] { Composed, Composed, "dog" }, labels.Order(StringComparer.Ordinal));
    }

    [TestMethod]
    public void ListClasses_AnyModel_SaysWhatMayBeAskedFor()
    {
        var d = _ml.Diffusion();
        foreach (string way in Ways.Select(row => (string)row[0]))
        {
            Assert.AreSequenceEqual(new[] { "cat", "dog", Composed }, d.ListClasses(Model(way)), way);
            Assert.AreSequenceEqual(new[] { "cat", "dog", Composed }, d.ListClasses(Model(way), "Label"), way);
        }
        var plain = TestPipelines.Unconditional(_ml).Fit(Point.Load(_ml, 4));
        Assert.Contains("has no classes", Assert.ThrowsExactly<ArgumentException>(() => d.ListClasses(plain)).Message);
        Assert.Contains("no classes for a column 'Lable'; columns with classes or words: 'Label'", Assert.ThrowsExactly<ArgumentException>(() => d.ListClasses(Model("fitted"), "Lable")).Message);
        var numbers = _ml.Data.LoadFromEnumerable(new[] { new Key { X = [1, 2, 3, 4], Label = 0 } });
        Assert.AreSequenceEqual(new[] { "1", "2" }, d.ListClasses(d.Transforms.NoiseSchedule("X").Append(new TestDenoiser(_ml, "X", "Label")).Fit(numbers)));
        var texts = Labelled("a cat", "a dog");
        var words = d.Transforms.TokenizeText("Tokens", "Label").Append(d.Transforms.NoiseSchedule("X")).Append(new TestDenoiser(_ml, "X", "Tokens")).Fit(texts);
        Assert.AreSequenceEqual(new[] { "a", "cat", "dog" }, d.ListClasses(words));
        Assert.AreSequenceEqual(new[] { "a", "cat", "dog" }, d.ListClasses(words, "Tokens"));
        var guided = _ml.Transforms.Conversion.MapValueToKey("Label").Append(d.Transforms.NoiseSchedule("X")).Append(new TestDenoiser(_ml, "X"))
            .Append(d.Transforms.ClassifierGuidance(new TorchScriptClassifier(new TorchScriptArchive().Write("x: Tensor, level: Tensor", "return torch.slice(x, 1, 0, 2, 1)"), 2, labels: new(["dog", "cat"])), "Label")).Fit(Labelled("cat", "dog"));
        Assert.AreSequenceEqual(new[] { "dog", "cat" }, d.ListClasses(guided));
    }

    private ITransformer Model(string way, UnknownValues unknown = UnknownValues.Error)
    {
        using var folder = new TemporaryFolder();
        var d = _ml.Diffusion().Transforms;
        var data = Labelled("cat", "dog", Composed);
        if (way == "keys elsewhere")
        {
            var mapping = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(data);
            var prepared = mapping.Transform(data);
            return new TransformerChain<ITransformer>(mapping, d.NoiseSchedule("X").Append(new TestDenoiser(_ml, "X", "Label")).Append(d.Sampler("Sample", new() { Steps = 2 })).Fit(prepared));
        }
        var model = Chain(way == "other column" ? "Key" : "Label", unknown).Fit(data);
        if (way == "fitted")
            return model;
        _ml.Diffusion().SaveGenerator(model, folder.File("model.zip"));
        return _ml.Model.Load(folder.File("model.zip"), out _);
    }

    private EstimatorChain<SamplerTransformer> Chain(string key = "Label", UnknownValues unknown = UnknownValues.Error)
    {
        var d = _ml.Diffusion().Transforms;
        return _ml.Transforms.Conversion.MapValueToKey(key, "Label").Append(d.NoiseSchedule("X")).Append(new TestDenoiser(_ml, "X", key) { UnknownValues = unknown }).Append(d.Sampler("Sample", new() { Steps = 2 }));
    }

    private float[][] Packed(ITransformer model, string[] labels) => ViewChecks.Vectors(model.Transform(_ml.Diffusion().Data.Rows("Label", labels)), "Denoiser");

    private IDataView Labelled(params string[] labels)
        => _ml.Data.LoadFromEnumerable(labels.Select((label, i) => new Point { X = [i, 1, -i, 2], Label = label }));

    private sealed class Query
    {
        public string Label { get; set; } = "";
    }

    private sealed class Answer
    {
        public float[] Sample { get; set; } = [];
    }

    private sealed class Rated
    {
        [VectorType(4)]
        public float[] X { get; set; } = [];

        public float Label { get; set; }
    }

    private sealed class Key
    {
        [VectorType(4)]
        public float[] X { get; set; } = [];

        [KeyType(2)]
        public uint Label { get; set; }
    }
}
