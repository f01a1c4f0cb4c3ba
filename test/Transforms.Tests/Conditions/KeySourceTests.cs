using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Unknown values are looked for in the very column that keys were mapped from, whatever else has its name.</summary>
[TestClass]
public sealed class KeySourceTests
{
    private readonly MLContext _ml = new(1);

    public static IEnumerable<object[]> Ways =>
        from steps in new[] { "behind", "before", "both", "in place", "select", "cache" }
        from loaded in new[] { false, true }
        select new object[] { steps, loaded };

    [TestMethod]
    [DynamicData(nameof(Ways))]
    public void Transform_ColumnOfTheSourcesName_IsNotTheSource(string steps, bool loaded)
    {
        var model = Model(steps, loaded);
        Assert.AreSequenceEqual((float[])[1, 2, 0], Keys(model, Asked(steps, "cat"), Asked(steps, "dog"), Asked(steps, "")));
        Assert.AreEqual("zebra", Assert.ThrowsExactly<UnknownValueException>(() => Keys(model, Asked(steps, "zebra"))).Value);
    }

    [TestMethod]
    [DynamicData(nameof(Ways))]
    public void PredictionEngine_ColumnOfTheSourcesName_IsNotTheSource(string steps, bool loaded)
    {
        using var engine = _ml.Model.CreatePredictionEngine<Row, Answer>(Model(steps, loaded));
        Assert.AreEqual(2, engine.Predict(Asked(steps, "dog")).Denoiser[0]);
        Assert.AreEqual(0, engine.Predict(Asked(steps, "")).Denoiser[0]);
        Assert.AreEqual("zebra", Assert.ThrowsExactly<UnknownValueException>(() => engine.Predict(Asked(steps, "zebra"))).Value);
    }

    [TestMethod]
    public void Transform_DataPreparedElsewhere_TheMappingsOwnInputIsTheSource()
    {
        var rows = _ml.Transforms.CopyColumns("Label", "Other").Fit(Data(new Row())).Transform(Data(new() { Label = "zebra", Other = "cat" }, new() { Label = "zebra" }));
        Assert.AreSequenceEqual((float[])[1, 0], ViewChecks.Vectors(Model("behind", false).Transform(rows), "Denoiser").Select(row => row[0]));
    }

    [TestMethod]
    public void Transform_KeysWithoutTheirSource_AreTakenAsTheyAre()
    {
        // Of the columns named Label, the file would have the last one alone.
        var mapping = Steps("behind").Fit(Data(Labels));
        var prepared = _ml.Transforms.SelectColumns(["X", "Key", "Label"], keepHidden: false).Fit(mapping.Transform(Data(Labels))).Transform(mapping.Transform(Data(new Row { Other = "zebra" }, new Row { Label = "dog" })));
        var denoiser = ((IEnumerable<ITransformer>)Model("behind", false)).OfType<DenoiserTransformer>().Single();
        Assert.AreSequenceEqual((float[])[0, 2], ViewChecks.Vectors(denoiser.Transform(prepared), "Denoiser").Select(row => row[0]));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Guidance_ColumnOfTheSourcesName_IsNotTheSource(bool loaded)
    {
        var d = _ml.Diffusion().Transforms;
        var chain = Steps("behind").Append(_ml.Transforms.Conversion.MapValueToKey("Not", "Against")).Append(_ml.Transforms.CopyColumns("Against", "Other")).Append(d.NoiseSchedule("X"))
            .Append(new TestDenoiser(_ml, "X", "Key")).Append(d.ClassifierFreeGuidance(new ClassifierFreeGuidanceOptions { NegativeColumns = new Dictionary<string, string> { ["Key"] = "Not" } }));
        var model = Through(chain.Fit(Data(Labels)), loaded);
        Assert.AreEqual(0, Keys(model, new Row { Other = "zebra" })[0]);
        var e = Assert.ThrowsExactly<UnknownValueException>(() => Keys(model, new Row { Against = "zebra", Other = "cat" }));
        Assert.AreEqual(("Not", "zebra"), (e.Column, e.Value));
    }

    private static Row[] Labels => [new() { X = [1, 2, 3, 4], Label = "cat", Other = "cat", Against = "dog" }, new() { X = [4, 3, 2, 2], Label = "dog", Other = "dog", Against = "cat" }];

    // What asks for a class, and the other one for nothing or for what is not known.
    private static Row Asked(string steps, string value)
        => steps is "before" or "both" ? new() { Other = value, Label = value == "cat" ? "zebra" : "cat" } : new() { Label = value, Other = value == "cat" ? "zebra" : "cat" };

    private EstimatorChain<ITransformer> Steps(string steps)
    {
        var map = _ml.Transforms.Conversion.MapValueToKey("Key", "Label");
        var hide = _ml.Transforms.CopyColumns("Label", "Other");
        IEstimator<ITransformer>[] chain = steps switch
        {
            "before" => [hide, map],
            "both" => [hide, map, _ml.Transforms.CopyColumns("Label", "Against")],
            "in place" => [_ml.Transforms.Conversion.MapValueToKey("Label"), _ml.Transforms.CopyColumns("Key", "Label"), hide],
            "select" => [map, hide, _ml.Transforms.SelectColumns(["X", "Key", "Label"], keepHidden: true)],
            _ => [map, hide],
        };
        return chain.Aggregate(new EstimatorChain<ITransformer>(), (all, step) => all.Append(step));
    }

    private ITransformer Model(string steps, bool loaded)
    {
        var chain = Steps(steps);
        if (steps == "cache")
            chain = chain.AppendCacheCheckpoint(_ml);
        return Through(chain.Append(_ml.Diffusion().Transforms.NoiseSchedule("X")).Append(new TestDenoiser(_ml, "X", "Key")).Fit(Data(Labels)), loaded);
    }

    private ITransformer Through(ITransformer model, bool loaded)
    {
        if (!loaded)
            return model;
        using var stream = new MemoryStream();
        _ml.Model.Save(model, Data(Labels).Schema, stream);
        stream.Position = 0;
        return _ml.Model.Load(stream, out _);
    }

    private float[] Keys(ITransformer model, params Row[] rows) => [.. ViewChecks.Vectors(model.Transform(Data(rows)), "Denoiser").Select(row => row[0])];

    private IDataView Data(params Row[] rows) => _ml.Data.LoadFromEnumerable(rows);

    private sealed class Row
    {
        [VectorType(4)]
        public float[] X { get; set; } = [0, 0, 0, 0];

        public string Label { get; set; } = "";

        public string Other { get; set; } = "";

        public string Against { get; set; } = "";
    }

    private sealed class Answer
    {
        public float[] Denoiser { get; set; } = [];
    }
}
