using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Every guidance in pipelines: saved and loaded, in prediction engines, stacked, with columns of each row.</summary>
[TestClass]
public sealed class GuidancePipelineTests
{
    private const int Count = 10;

    private static readonly float[] Weights = [0.9f, -0.3f, -0.5f, 1.1f, 0.2f, 0.4f, 0.5f, -0.6f, 0.1f, 0.3f, -0.8f, 0.7f];

    private static readonly SamplerEstimator.Options Few = new() { Steps = 3, BatchSize = 4 };

    private readonly MLContext _ml = new(1);

    public static IEnumerable<object[]> Names => new[] { "classifier-free", "classifier", "classifier-mean", "clip", "clip-estimate", "autoguidance", "composition", "stack" }.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Guidance_SavedAndLoaded_SamplesAlike(string name)
    {
        using var folder = new TemporaryFolder();
        var data = Data();
        var model = Pipeline(name).Fit(data);
        _ml.Model.Save(model, data.Schema, folder.File("model.zip"));
        if (name.StartsWith("classifier", StringComparison.Ordinal) && name != "classifier-free" || name.StartsWith("clip", StringComparison.Ordinal))
            Assert.IsInstanceOfType<TorchScriptConsentException>(Assert.Throws<Exception>(() => _ml.Model.Load(folder.File("model.zip"), out _)).GetBaseException());
        using var consent = TorchScriptConsent.AllowInModels();
        var loaded = _ml.Model.Load(folder.File("model.zip"), out _);
        var expected = ViewChecks.Vectors(model.Transform(data), "Sample");
        var actual = ViewChecks.Vectors(loaded.Transform(data), "Sample");
        for (int row = 0; row < Count; row++)
            Assert.AreSequenceEqual(expected[row], actual[row]);
        var plain = ViewChecks.Vectors(Pipeline("none", Sampler(name)).Fit(data).Transform(data), "Sample");
        Assert.IsGreaterThan(Count / 2, Enumerable.Range(0, Count).Count(row => Distance(plain[row], expected[row]) > 1e-3));
        (loaded as IDisposable)?.Dispose();
        (model as IDisposable)?.Dispose();
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Guidance_InAPredictionEngine_SamplesAsInTransform(string name)
    {
        var data = Data();
        var model = Pipeline(name).Fit(data);
        var expected = ViewChecks.Vectors(model.Transform(data), "Sample");
        using var engine = _ml.Model.CreatePredictionEngine<Wish, Sampled>(model);
        foreach (int row in new[] { 0, 3, 4, 9 })
        {
            // Of batches of one, to the rounding of Float32 over a few steps, which guidance amplifies.
            float[] sample = engine.Predict(Wish.Make(Count)[row]).Sample;
            Assert.IsLessThan(1e-3 * (1 + expected[row].Max(MathF.Abs)), Distance(expected[row], sample), $"row {row}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Guidance_RowsInAnyCompany_AreTheSameToTheBit(string name)
    {
        var model = Pipeline(name).Fit(Data());
        var all = ViewChecks.Vectors(model.Transform(Data()), "Sample");
        var reversed = ViewChecks.Vectors(model.Transform(_ml.Data.LoadFromEnumerable(Wish.Make(Count).Reverse())), "Sample");
        var few = ViewChecks.Vectors(model.Transform(_ml.Data.LoadFromEnumerable(Wish.Make(Count).Skip(3).Take(2))), "Sample");
        for (int row = 0; row < Count; row++)
            Assert.AreSequenceEqual(all[row], reversed[Count - 1 - row]);
        Assert.AreSequenceEqual(all[3], few[0]);
        Assert.AreSequenceEqual(all[4], few[1]);
    }

    [TestMethod]
    public void Classifier_LabelsOfRows_AreThoseOfTheClassifier()
    {
        // The scores of the samples' own labels rise with the scale.
        double last = double.NegativeInfinity;
        foreach (double scale in new[] { 0, 3, 10 })
        {
            var view = Build(d => d.ClassifierGuidance(Classifier(), "Other", new() { Scale = scale }), new() { Steps = 10 }).Fit(Data()).Transform(Data());
            var samples = ViewChecks.Vectors(view, "Sample");
            uint[] labels = [.. view.GetColumn<uint>("Other")];
            double score = Enumerable.Range(0, Count).Where(row => labels[row] > 0).Average(row => LogProbability(samples[row], (int)labels[row]));
            Assert.IsGreaterThan(last, score, $"scale {scale}");
            last = score;
        }
    }

    [TestMethod]
    public void Stack_AnyNumber_NamesEachInputBehindTheOnesBefore()
    {
        var layout = DenoiserHandle.Get(Pipeline("stack").Fit(Data()).Transform(Data()).Schema, "Denoiser").Layout;
        Assert.AreEqual("Label, Scale, Negative Label, Scale, Label, Scale, Target, Scale", string.Join(", ", layout.Slots.Select(slot => slot.Name)));
        Assert.AreEqual("False, True, True, True, True, True, False", string.Join(", ", layout.Slots.OfType<GuidanceInput>().Select(input => input.IsGiven)));
    }

    [TestMethod]
    public void Autoguidance_WeakerModelDisposed_GoesOn_AndDisposeFreesItsShare()
    {
        var data = Data();
        var weaker = Weaker(data);
        var guided = _ml.Diffusion().Transforms.Autoguidance(weaker).Fit(Pipeline("none").Fit(data).Transform(data));
        var network = guided.Guidance.Networks.Single();
        weaker.Dispose();
        using (network.Share())
            Assert.IsGreaterThan(0, network.Parameters.Count);
        guided.Dispose();
        guided.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(network.Share);
    }

    [TestMethod]
    public void Interval_NoLevelWithin_IsThePlainModelToTheBit()
    {
        var never = new LevelInterval(1e6, 1e7);
        var plain = Samples(null);
        foreach (var guided in new[]
        {
            Samples(d => d.ClassifierFreeGuidance(new ClassifierFreeGuidanceOptions { Scale = 5, Interval = never })),
            Samples(d => d.ClassifierGuidance(Classifier(), "Other", new() { Scale = 5, Interval = never })),
            Samples(d => d.ClipGuidance(Encoder(), "Target", new() { Scale = 5, Interval = never })),
        })
            for (int row = 0; row < Count; row++)
                Assert.AreSequenceEqual(plain[row], guided[row]);
    }

    [TestMethod]
    public void Composition_OneTermOfTheRowsOwnWeightZero_IsTheOtherLabelsModel()
    {
        var composed = Samples(d => d.ComposeConditions(new CompositionOptions { Weight = 0, Terms = [new CompositionTerm("Label", "Other")] }));
        var swapped = Wish.Make(Count).Select(wish =>
        {
            wish.Label = wish.Other;
            return wish;
        });
        // A row without another label is unconditional, which no other label is: left out.
        var other = ViewChecks.Vectors(Build(null, Few).Fit(Data()).Transform(_ml.Data.LoadFromEnumerable(swapped)), "Sample");
        for (int row = 0; row < Count; row++)
            if (row % 5 != 4)
                Assert.IsLessThan(1e-3 * (1 + other[row].Max(MathF.Abs)), Distance(other[row], composed[row]));
    }

    [TestMethod]
    public void MeanShift_SamplerWithoutNoise_IsRefusedByName()
    {
        var view = Pipeline("classifier-mean", Few).Fit(Data()).Transform(Data());
        Assert.Contains("adds no noise", Assert.ThrowsExactly<InvalidOperationException>(() => ViewChecks.Vectors(view, "Sample")).Message);
    }

    [TestMethod]
    public void Columns_ThatDoNotFit_AreRefusedByName()
    {
        Refused("'Other': expected one of 4 classes, as in training, got one of 3 classes: 'a', 'b', 'c'. The model does not know what its own keys stand for", d => d.ClassifierGuidance(new TorchScriptClassifier(Linear("x: Tensor, level: Tensor"), 4), "Other"));
        Refused("'Target': expected one of 3 classes", d => d.ClassifierGuidance(Classifier(), "Target"));
        Refused("'X': expected a vector of 3 Singles, got Vector<Single, 4>", d => d.ClipGuidance(Encoder(), "X"));
        Refused("'Strength': expected one of 3 classes", d => d.ClassifierFreeGuidance(new ClassifierFreeGuidanceOptions { NegativeColumns = new Dictionary<string, string> { ["Label"] = "Strength" } }));
        Refused("names the condition 'Text', which the model does not have; its conditions are: 'Label'",
            d => d.ClassifierFreeGuidance(new ClassifierFreeGuidanceOptions { NegativeColumns = new Dictionary<string, string> { ["Text"] = "Other" } }));
        Refused("ClassifierFreeGuidance has no input 'Label' that column 'Other' could give; its inputs are: 'Scale'", d => d.Guidance(new ClassifierFreeGuidance(2), [new GuidanceColumn("Label", "Other")]));
        Refused("'Seed': expected a Single, got Int64", d => d.ClassifierGuidance(Classifier(), "Other", new() { ScaleColumn = "Seed" }));
    }

    [TestMethod]
    public void Model_WithoutConditions_RefusesWhatNeedsThem()
    {
        var unconditional = _ml.Diffusion().Transforms.NoiseSchedule("X").Append(new TestDenoiser(_ml, "X"));
        var composed = _ml.Diffusion().Transforms.ComposeConditions(new CompositionOptions { Terms = [new CompositionTerm("Label", "Other")] });
        Assert.Contains("A composition of conditions needs a conditional model", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => unconditional.Append(composed).Fit(Data())).Message);
        // A classifier needs none.
        var guided = _ml.Transforms.Conversion.MapValueToKey("Other").Append(unconditional).Append(_ml.Diffusion().Transforms.ClassifierGuidance(Classifier(), "Other"))
            .Append(_ml.Diffusion().Transforms.Sampler("Sample", Few));
        Assert.HasCount(Count, ViewChecks.Vectors(guided.Fit(Data()).Transform(Data()), "Sample"));
    }

    [TestMethod]
    public void Options_BadValues_AreRefusedWhereTheyAreGiven()
    {
        var d = _ml.Diffusion().Transforms;
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => d.ClassifierFreeGuidance(new ClassifierFreeGuidanceOptions { Rescale = 2 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => d.ClassifierGuidance(Classifier(), "Other", new() { Label = 4 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => d.ClipGuidance(Encoder(), "Target", new() { Scale = double.NaN }));
        Assert.ThrowsExactly<ArgumentException>(() => d.ComposeConditions(new CompositionOptions()));
        Assert.Contains("no trained denoiser", Assert.ThrowsExactly<ArgumentException>(() => d.Autoguidance(_ml.Transforms.Conversion.MapValueToKey("Label").Fit(Data()))).Message);
    }

    private void Refused(string expected, Func<DiffusionTransformsCatalog, IEstimator<ITransformer>> guidance)
        => Assert.Contains(expected, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Build(guidance, Few).Fit(Data())).Message);

    private float[][] Samples(Func<DiffusionTransformsCatalog, IEstimator<ITransformer>>? guidance)
        => ViewChecks.Vectors(Build(guidance, Few).Fit(Data()).Transform(Data()), "Sample");

    private IDataView Data() => _ml.Data.LoadFromEnumerable(Wish.Make(Count));

    private EstimatorChain<SamplerTransformer> Pipeline(string name) => Pipeline(name, Sampler(name));

    private EstimatorChain<SamplerTransformer> Pipeline(string name, SamplerEstimator.Options options) => Build(name switch
    {
        "none" => null,
        "classifier-free" => ClassifierFree,
        "classifier" => d => d.ClassifierGuidance(Classifier(), "Other", new() { Scale = 4, ScaleColumn = "Strength", Label = 2 }),
        "classifier-mean" => d => d.ClassifierGuidance(Classifier(), "Other", new() { Scale = 6, Shift = KnownGuidanceShifts.Mean }),
        "clip" => d => d.ClipGuidance(Encoder(), "Target", new() { Scale = 5 }),
        "clip-estimate" => d => d.ClipGuidance(Encoder(), "Target", new() { Scale = 5, OfEstimate = true, Similarity = KnownSimilarities.Spherical, Interval = new LevelInterval(0.01, 100) }),
        "autoguidance" => d => d.Autoguidance(Weaker(Data()), new() { Scale = 3 }),
        "composition" => d => d.ComposeConditions(new CompositionOptions { Weight = 2, WeightColumn = "Strength", Terms = [new CompositionTerm("Label", "Other", -1)] }),
        _ => d => ClassifierFree(d).Append(d.ClassifierGuidance(Classifier(), "Other", new() { Scale = 3, ScaleColumn = "Strength" }))
            .Append(d.ClipGuidance(Encoder(), "Target", new() { ScaleColumn = "Strength" })).Append(d.Autoguidance(Weaker(Data()))),
    }, options);

    private static GuidanceEstimator ClassifierFree(DiffusionTransformsCatalog d) => d.ClassifierFreeGuidance(
        new ClassifierFreeGuidanceOptions { Scale = 3, Rescale = 0.5, NegativeColumns = new Dictionary<string, string> { ["Label"] = "Other" } });

    private static SamplerEstimator.Options Sampler(string name) => name == "classifier-mean" ? new() { Steps = 3, BatchSize = 4, Solver = KnownSolvers.DdpmAncestral } : Few;

    private EstimatorChain<SamplerTransformer> Build(Func<DiffusionTransformsCatalog, IEstimator<ITransformer>>? guidance, SamplerEstimator.Options options)
    {
        IEstimator<ITransformer> pipeline = _ml.Transforms.Conversion.MapValueToKey([new InputOutputColumnPair("Label"), new InputOutputColumnPair("Other")], keyData: _ml.Data.LoadFromEnumerable(new[] { "a", "b", "c" }.Select(value => new Value { Key = value })))
            .Append(_ml.Diffusion().Transforms.NoiseSchedule("X"))
            .Append(new TestDenoiser(_ml, "X", "Label"));
        if (guidance is not null)
            pipeline = pipeline.Append(guidance(_ml.Diffusion().Transforms));
        return pipeline.Append(_ml.Diffusion().Transforms.Sampler("Sample", options));
    }

    private TransformerChain<DenoiserTransformer> Weaker(IDataView data) => _ml.Diffusion().Transforms.NoiseSchedule("X").Append(new TestDenoiser(_ml, "X")).Fit(data);

    private static TorchScriptClassifier Classifier() => new(Linear("x: Tensor, level: Tensor"), 3, labels: new Vocabulary(["a", "b", "c"]));

    private static TorchScriptEncoder Encoder() => new(Linear("x: Tensor"), 3);

    private static byte[] Linear(string arguments) => new TorchScriptArchive().Add("weight", Weights, [3, 4]).Write(arguments, "return torch.mm(x, torch.t(self.weight))");

    private static double LogProbability(float[] sample, int label)
    {
        // The codec's means and deviations are those of ten rows: the standardized sample.
        var rows = Wish.Make(Count);
        double[] logits = [.. Enumerable.Range(0, 3).Select(k => Enumerable.Range(0, 4).Sum(i =>
        {
            double mean = rows.Average(row => row.X[i]), deviation = Math.Sqrt(rows.Average(row => Math.Pow(row.X[i] - mean, 2)));
            return Weights[4 * k + i] * (sample[i] - mean) / deviation;
        }))];
        return logits[label - 1] - Math.Log(logits.Sum(Math.Exp));
    }

    private static double Distance(float[] a, float[] b) => a.Zip(b, (x, y) => Math.Abs((double)x - y)).Max();

    private sealed class Value
    {
        public string Key { get; set; } = "";
    }

    private sealed class Sampled
    {
        [VectorType(4)]
        public float[] Sample { get; set; } = [];
    }
}
