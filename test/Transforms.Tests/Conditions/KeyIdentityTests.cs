using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>A key is what it stands for: models give the same samples whatever mapping made the keys of the rows.</summary>
[TestClass]
public sealed class KeyIdentityTests
{
    private const int Count = 9;

    private readonly MLContext _ml = new(1);

    public static IEnumerable<object[]> Uses => new[] { "condition", "negative", "composition", "autoguidance", "classifier", "objective" }.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Uses))]
    public void Transform_KeysOfAnotherMapping_SamplesAlike(string use)
    {
        using var folder = new TemporaryFolder();
        var own = Keyed("abc");
        var model = Chain(use).Fit(own);
        var expected = ViewChecks.Vectors(model.Transform(own), "Sample");
        Assert.IsGreaterThan(0, Differences(expected, ViewChecks.Vectors(model.Transform(Keyed("abc", shift: 1)), "Sample")), "samples depend on the keys");
        _ml.Model.Save(model, own.Schema, folder.File("model.zip"));
        // The classifier is TorchScript.
        using var consent = TorchScriptConsent.AllowInModels();
        var loaded = _ml.Model.Load(folder.File("model.zip"), out _);
        foreach (var each in new[] { model, loaded })
            foreach (string order in new[] { "cab", "bca", "zcab" })
                Assert.AreEqual(0, Differences(expected, ViewChecks.Vectors(each.Transform(Keyed(order)), "Sample")), order);
    }

    [TestMethod]
    [DynamicData(nameof(Uses))]
    public void Transform_KeysOfOtherThings_AreRefusedWithBoth(string use)
    {
        var model = Chain(use).Fit(Keyed("abc"));
        var data = _ml.Data.LoadFromEnumerable(Wish.Make(Count).Select(row => Relabel(row, "xyz")));
        var other = Map("xyz").Fit(data).Transform(data);
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.Transform(other));
        Assert.Contains("one of 3 classes: 'a', 'b', 'c', as in training, got one of 3 classes: 'x', 'y', 'z'", e.Message);
    }

    [TestMethod]
    public void Autoguidance_WeakerModelOfOtherKeys_IsToldItsOwn()
    {
        var own = Keyed("abc");
        var expected = ViewChecks.Vectors(Chain("autoguidance").Fit(own).Transform(own), "Sample");
        // The same weights with classes in another order: what embeds them is moved along.
        Assert.AreEqual(0, Differences(expected, ViewChecks.Vectors(Chain("autoguidance", weaker: Weaker(own, "cab")).Fit(own).Transform(own), "Sample")));
        var fewer = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Chain("autoguidance", weaker: Weaker(own, "cax")).Fit(own));
        Assert.Contains("The weaker model does not know 'b' of the condition 'Label', which the model does; it was trained with 'c', 'a', 'x'", fewer.Message);
    }

    [TestMethod]
    public void Transform_RelearnedTokens_AreMappedByWord()
    {
        IDataView Captions(params string[] order) => _ml.Data.LoadFromEnumerable(order.Select((caption, i) => new Caption { X = [i, 1, -i, 2], Text = caption }));

        var d = _ml.Diffusion();
        var training = Captions("red dot", "red square", "red dot dot");
        var tokenized = d.Transforms.TokenizeText("Tokens", "Text", new() { Length = 3 }).Fit(training).Transform(training);
        var model = d.Transforms.NoiseSchedule("X").Append(new TestDenoiser(_ml, "X", "Tokens")).Fit(tokenized);
        var others = Captions("square square square", "square dot red");
        uint[] keys = [.. tokenized.GetColumn<uint[]>("Tokens").First()];
        var relearned = d.Transforms.TokenizeText("Tokens", "Text", new() { Length = 3 }).Fit(others).Transform(others);
        Assert.AreSequenceEqual(new uint[] { 1, 1, 1 }, relearned.GetColumn<uint[]>("Tokens").First(), "the most frequent word");
        var packed = ViewChecks.Vectors(model.Transform(relearned), "Denoiser");
        Assert.AreSequenceEqual((float[])[3, 3, 3], packed[0]);
        Assert.AreSequenceEqual((float[])[3, 1, 2], packed[1]);
        var more = Captions("red blue");
        var unknown = d.Transforms.TokenizeText("Tokens", "Text", new() { Length = 3 }).Fit(more).Transform(more);
        Assert.AreEqual("blue", Assert.ThrowsExactly<UnknownValueException>(() => ViewChecks.Vectors(model.Transform(unknown), "Denoiser")).Value);
    }

    [TestMethod]
    public void Transform_KeysWithoutValues_AreTheModelsOwnNumbers()
    {
        var own = Keyed("abc");
        var model = Chain("condition").Fit(own);
        var numbers = _ml.Data.LoadFromEnumerable(Wish.Make(Count).Select(row => new Numbered { X = row.X, Seed = row.Seed, Label = (uint)(row.Label[0] - 'a'), Other = (uint)(row.Label[0] - 'a') }));
        Assert.AreEqual(0, Differences(ViewChecks.Vectors(model.Transform(own), "Sample"), ViewChecks.Vectors(model.Transform(numbers), "Sample")));
        var trained = Chain("condition").Fit(numbers);
        Assert.AreEqual(0, Differences(ViewChecks.Vectors(model.Transform(own), "Sample"), ViewChecks.Vectors(trained.Transform(numbers), "Sample")));
        Assert.Contains("The model does not know what its own keys stand for", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trained.Transform(own)).Message);
    }

    private IDataView Keyed(string order, int shift = 0)
    {
        var data = _ml.Data.LoadFromEnumerable(Wish.Make(Count).Select(row => Relabel(row, "abc", shift)));
        return Map(order).Fit(data).Transform(data);
    }

    private static Wish Relabel(Wish row, string letters, int shift = 0)
    {
        row.Label = letters[(row.Label[0] - 'a' + shift) % 3].ToString();
        row.Other = row.Other.Length == 0 ? "" : letters[(row.Other[0] - 'a' + shift) % 3].ToString();
        return row;
    }

    private ML.Transforms.ValueToKeyMappingEstimator Map(string order)
        => _ml.Transforms.Conversion.MapValueToKey([new InputOutputColumnPair("Label"), new InputOutputColumnPair("Other")], keyData: _ml.Data.LoadFromEnumerable(order.Select(value => new { Key = $"{value}" })));

    private EstimatorChain<SamplerTransformer> Chain(string use, ITransformer? weaker = null)
    {
        var d = _ml.Diffusion().Transforms;
        var conditional = d.NoiseSchedule("X").Append(new TestDenoiser(_ml, "X", "Label"));
        IEstimator<ITransformer> chain = use switch
        {
            "condition" => conditional,
            "negative" => conditional.Append(d.ClassifierFreeGuidance(new ClassifierFreeGuidanceOptions { Scale = 3, NegativeColumns = new Dictionary<string, string> { ["Label"] = "Other" } })),
            "composition" => conditional.Append(d.ComposeConditions(new CompositionOptions { Weight = 2, Terms = [new CompositionTerm("Label", "Other", -1)] })),
            "autoguidance" => conditional.Append(d.Autoguidance(weaker ?? Weaker(Keyed("abc"), "abc"), new() { Scale = 3 })),
            "classifier" => d.NoiseSchedule("X").Append(new TestDenoiser(_ml, "X")).Append(d.ClassifierGuidance(Classifier(), "Label", new() { Scale = 5 })),
            _ => d.NoiseSchedule("X").Append(new TestDenoiser(_ml, "X")).Append(d.UniversalGuidance(
                new ClassObjective(Classifier(), "Label"), new UniversalGuidanceOptions { ForwardWeight = 5 })),
        };
        return chain.Append(d.Sampler("Sample", new() { Steps = 3, BatchSize = 4 }));
    }

    // A model of the classes in an order of its own, which answers as the one of "abc" does.
    private DenoiserTransformer Weaker(IDataView data, string order)
    {
        var fitted = _ml.Diffusion().Transforms.NoiseSchedule("X").Fit(data).Transform(data);
        var info = ForwardProcessInfo.Find(fitted.Schema, "X")!;
        using var plain = TestDenoiser.Model(info, new([new ClassCondition("Label", 3) { Values = new(["a", "b", "c"]) }]));
        var spec = plain.Spec with { Conditions = new([new ClassCondition("Label", 3) { Values = new([.. order.Select(letter => $"{letter}")]) }]) };
        var parameters = DenoiserModelLoader.Parameters(spec, Weights(plain), TorchSharp.torch.CPU);
        var network = spec.Network.ListParameters(spec.Shape, spec.Conditions);
        int table = Enumerable.Range(0, network.Count).Single(i => network[i].Name.StartsWith("condition_embedding.0", StringComparison.Ordinal));
        var values = new float[network[table].Count];
        parameters.Read(table, values);
        float[] moved = [.. values];
        int width = values.Length / 4;
        for (int i = 0; i < 3; i++)
            values.AsSpan((1 + "abcx".IndexOf(order[i]) % 3) * width, width).CopyTo(moved.AsSpan((1 + i) * width));
        parameters.Write(table, moved);
        parameters.PublishWeights();
        return new DenoiserTransformer(_ml, DenoiserModelLoader.Load(spec, parameters), new("X", "", "", ["Label"]));
    }

    private static MemoryStream Weights(DenoiserModel model)
    {
        var stream = new MemoryStream();
        model.SaveWeights(stream);
        stream.Position = 0;
        return stream;
    }

    private static TorchScriptClassifier Classifier()
        => new(new TorchScriptArchive().Add("weight", [0.9f, -0.3f, -0.5f, 1.1f, 0.2f, 0.4f, 0.5f, -0.6f, 0.1f, 0.3f, -0.8f, 0.7f], [3, 4]).Write("x: Tensor, level: Tensor", "return torch.mm(x, torch.t(self.weight))"), 3, labels: new(["a", "b", "c"]));

    private static int Differences(float[][] expected, float[][] actual) => expected.Zip(actual, (a, b) => a.AsSpan().SequenceEqual(b) ? 0 : 1).Sum();

    private sealed class Numbered
    {
        [VectorType(4)]
        public float[] X { get; set; } = [];

        // Counted from 0 by ML.NET.
        [KeyType(3)]
        public uint Label { get; set; }

        [KeyType(3)]
        public uint Other { get; set; }

        public long Seed { get; set; }
    }

    private sealed class Caption
    {
        [VectorType(4)]
        public float[] X { get; set; } = [];

        public string Text { get; set; } = "";
    }
}
