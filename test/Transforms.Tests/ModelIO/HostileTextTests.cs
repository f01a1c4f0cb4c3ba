using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>A saved file is one that can be read back, whatever its strings: names of columns, labels, words.</summary>
[TestClass]
public sealed class HostileTextTests
{
    private readonly MLContext _ml = new(1);

    private static readonly Dictionary<string, string> s_texts = new()
    {
        ["emoji"] = "😀 a",
        ["emoji of several"] = "👩\u200D👩\u200D👧",
        ["letters beyond U+FFFF"] = "𝒜𐐀",
        ["ideograph beyond U+FFFF"] = "𠮷野",
        ["NUL"] = "a\0b",
        ["quotes"] = "\"'`\\",
        ["right to left"] = "\u202Eשלום\u202C",
        ["combining"] = "a\u0323\u0307",
        ["decomposed"] = "cafe\u0301",
        ["newline"] = "a\r\nb",
        ["very long"] = new string('x', 70_000),
        ["braces"] = "{0} {x}",
        ["markup"] = "<a href=\"x\">&amp;",
        ["path"] = "../../etc/pass wd",
        ["byte order"] = "\uFEFFa",
        ["no character"] = "\uFFFE\uFFFF",
        ["private"] = "\uE000\U000F0000",
        ["blank"] = " a ",
    };

    public static IEnumerable<object[]> Kinds => s_texts.Keys.Select(kind => new object[] { kind });

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Generator_HostileLabel_IsAskedForAfterLoading(string kind)
    {
        string label = s_texts[kind];
        var data = Labelled(label, "plain");
        var d = _ml.Diffusion();
        var loaded = Reload(_ml.Transforms.Conversion.MapValueToKey("Label").Append(d.Transforms.NoiseSchedule("X")).Append(new TestDenoiser(_ml, "X", "Label")).Append(d.Transforms.Sampler()).Fit(data));
        Assert.AreSequenceEqual((float[])[2, 1], ViewChecks.Vectors(loaded.Transform(d.Data.Rows("Label", ["plain", label])), "Denoiser").Select(row => row[0]));
        Assert.AreSequenceEqual(new[] { label, "plain" }, d.ListClasses(loaded));
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Generator_HostileCaption_IsReadAfterLoading(string kind)
    {
        string caption = s_texts[kind];
        var d = _ml.Diffusion();
        var data = Labelled(caption + " circle", "a square");
        var model = d.Transforms.TokenizeText("Tokens", "Label").Append(d.Transforms.NoiseSchedule("X")).Append(new TestDenoiser(_ml, "X", "Tokens")).Append(d.Transforms.Sampler()).Fit(data);
        var loaded = Reload(model);
        var rows = d.Data.Rows("Label", ["a square", caption]);
        float[][] expected = ViewChecks.Vectors(model.Transform(rows), "Denoiser"), actual = ViewChecks.Vectors(loaded.Transform(rows), "Denoiser");
        Assert.Contains(token => token > 0, expected[1], "the caption has words");
        for (int row = 0; row < 2; row++)
            Assert.AreSequenceEqual(expected[row], actual[row]);
        Assert.AreSequenceEqual(d.ListClasses(model), d.ListClasses(loaded));
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Generator_HostileColumnName_IsFoundAfterLoading(string kind)
    {
        string name = s_texts[kind];
        var d = _ml.Diffusion();
        var data = Labelled("a", "b");
        var model = _ml.Transforms.Conversion.MapValueToKey(name, "Label").Append(d.Transforms.NoiseSchedule("X")).Append(new TestDenoiser(_ml, "X", name))
            .Append(d.Transforms.ClassifierFreeGuidance(2, name + "s")).Append(d.Transforms.Sampler(name + "!", new() { Steps = 2 })).Fit(data);
        var loaded = Reload(model, data.Schema);
        var rows = d.Data.Rows("Label", ["b", "a"]);
        float[][] expected = ViewChecks.Vectors(model.Transform(rows), name + "!"), actual = ViewChecks.Vectors(loaded.Transform(rows), name + "!");
        for (int row = 0; row < 2; row++)
            Assert.AreSequenceEqual(expected[row], actual[row]);
    }

    [TestMethod]
    public void Generator_HalfASurrogatePair_LabelIsRead_ColumnIsRefusedBeforeTraining()
    {
        const string half = "a\uD83Dx";
        var d = _ml.Diffusion();
        var data = Labelled(half, "plain");
        var loaded = Reload(_ml.Transforms.Conversion.MapValueToKey("Label").Append(d.Transforms.NoiseSchedule("X")).Append(new TestDenoiser(_ml, "X", "Label")).Append(d.Transforms.Sampler()).Fit(data));
        Assert.AreSequenceEqual((float[])[2, 1], ViewChecks.Vectors(loaded.Transform(d.Data.Rows("Label", ["plain", half])), "Denoiser").Select(row => row[0]));
        var words = Reload(d.Transforms.TokenizeText("Tokens", "Label").Append(d.Transforms.NoiseSchedule("X")).Append(new TestDenoiser(_ml, "X", "Tokens")).Append(d.Transforms.Sampler()).Fit(data));
        Assert.AreSequenceEqual(new[] { "plain", "a", "x", "\uFFFD" }.Order(), d.ListClasses(words).Order());
        _ = ViewChecks.Vectors(words.Transform(d.Data.Rows("Label", [half, "x\uDE00"])), "Denoiser");
        var keyed = _ml.Transforms.Conversion.MapValueToKey(half, "Label").Fit(data).Transform(data);
        var e = Assert.ThrowsExactly<ArgumentException>(() => d.Transforms.NoiseSchedule("X").Append(new TestDenoiser(_ml, "X", half)).Fit(keyed));
        Assert.Contains("half of a surrogate pair, \\uD83D, at place 1", e.Message);
        // An output's name is met when it is saved.
        var sampler = d.Transforms.NoiseSchedule("X").Append(new TestDenoiser(_ml, "X")).Append(d.Transforms.Sampler(half)).Fit(data);
        Assert.Contains("half of a surrogate pair", Assert.Throws<Exception>(() => Reload(sampler, data.Schema)).Message);
    }

    [TestMethod]
    public void Words_OfAnyScript_AreWholeAndNotHalves()
    {
        Assert.AreSequenceEqual(new[] { "a", "😀", "𝒜b", "!", "𠮷野", "👩", "\u200D", "👧", "é" }, WordTokenizer.Split("a 😀𝒜b! 𠮷野 👩\u200D👧 e\u0301", lowerCase: false));
        Assert.AreSequenceEqual(new[] { "𐐨" }, WordTokenizer.Split("𐐀", lowerCase: true));
        var tokenizer = new WordTokenizer(["e\u0301", "😀", "😁"]);
        Assert.AreSequenceEqual(new[] { 0, 2, 1 }, tokenizer.Tokenize("É 😁😀"));
        Assert.Contains("'é' is there twice", Assert.ThrowsExactly<ArgumentException>(() => new WordTokenizer(["e\u0301", "é"])).Message);
    }

    private ITransformer Reload(ITransformer model, DataViewSchema? schema = null)
    {
        using var stream = new MemoryStream();
        if (schema is null)
            _ml.Diffusion().SaveGenerator(model, stream);
        else
            _ml.Model.Save(model, schema, stream);
        stream.Position = 0;
        return _ml.Model.Load(stream, out DataViewSchema _);
    }

    private IDataView Labelled(params string[] labels)
        => _ml.Data.LoadFromEnumerable(labels.Select((label, i) => new Point { X = [i, 1, -i, 2], Label = label }));
}
