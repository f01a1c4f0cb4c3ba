using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;
using TorchSharp;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>What every edit has in common.</summary>
[TestClass]
public sealed class EditCommonTests
{
    private static readonly Dictionary<string, Func<DiffusionTransformsCatalog, int, IProgress<SamplingProgress>?, EditEstimator>> Edits = new()
    {
        ["Invert"] = (t, batch, p) => t.Invert("Out", "X", new() { Steps = 3, BatchSize = batch, Progress = p }),
        ["Interpolate"] = (t, batch, p) => t.Interpolate("Out", "X", "Y", "Weight", new() { Steps = 3, BatchSize = batch, Progress = p }),
        ["InterpolateNoised"] = (t, batch, p) => t.Interpolate("Out", "X", "Y", "Weight", new() { Steps = 3, Strength = 0.7, BatchSize = batch, Progress = p }),
        ["ImageToImage"] = (t, batch, p) => t.ImageToImage("Out", "X", new() { Steps = 5, BatchSize = batch, Progress = p }),
        ["ImageToImageLevel"] = (t, batch, p) => t.ImageToImage("Out", "X", new() { Steps = 5, Level = NoiseLevel.FromRatio(2), BatchSize = batch, Progress = p }),
        ["Inpaint"] = (t, batch, p) => t.Inpaint("Out", "X", "Mask", new() { Steps = 3, BatchSize = batch, Progress = p }),
        ["RePaint"] = (t, batch, p) => t.Inpaint("Out", "X", "Mask", new() { Steps = 4, Resampling = new(1, 2), BatchSize = batch, Progress = p }),
        ["DenoiseFrom"] = (t, batch, p) => t.DenoiseFrom("Out", "X", NoiseLevel.FromRatio(1.5), new() { Steps = 4, BatchSize = batch, Progress = p }),
    };

    public static IEnumerable<object[]> Names => Edits.Keys.Select(name => new object[] { name });

    // They differ in what they read, not in how; one edit stands for all where only the form of the data counts.
    public static IEnumerable<object[]> NamesAndForms
        => [.. Edits.Keys.Select(name => new object[] { name, "lazy" }), .. EstimatorTests.Forms.Where(form => form != "lazy").Select(form => new object[] { "Inpaint", form })];

    [TestMethod]
    [DynamicData(nameof(NamesAndForms))]
    public void Edit_AnyForm_PassesChecks(string name, string form)
    {
        var ml = new MLContext(1);
        var data = EstimatorTests.InForm(ml, EditRow.Load(ml, 10), form);
        var denoised = TestPipelines.Denoiser(ml).Fit(data).Transform(data);
        EstimatorChecks.Run(ml, Edits[name](ml.Diffusion().Transforms, 4, null), denoised, data);
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Edit_FewerRowsOrOtherOrder_IsBitIdentical(string name)
    {
        using var lab = new EditLab();
        var model = lab.Fit(Edits[name](lab.Transforms, 4, null));
        var rows = EditRow.Make(11);
        var all = lab.Run(model, rows);
        EditLab.AssertSame([.. all.Reverse()], lab.Run(model, rows.Reverse()));
        EditLab.AssertSame(all[5..7], lab.Run(model, rows.Skip(5).Take(2)));
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Edit_OtherBatchSize_AgreesToSinglePrecision(string name)
    {
        using var lab = new EditLab();
        var rows = EditRow.Make(9);
        EditLab.AssertClose(lab.Run(Edits[name](lab.Transforms, 16, null), rows), lab.Run(Edits[name](lab.Transforms, 1, null), rows), Float32Tolerance.OfRun());
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Edit_OtherConditionOrGuidance_Differs(string name)
    {
        using var lab = new EditLab();
        var model = lab.Fit(Edits[name](lab.Transforms, 4, null));
        EditRow[] rows = [EditRow.Make(1)[0], EditRow.Make(1)[0], EditRow.Make(1)[0]];
        (rows[0].Strength, rows[1].Strength, rows[2].Strength) = (2, 2, 1);
        rows[1].Label = "b";
        var results = lab.Run(model, rows);
        Assert.AreNotSequenceEqual(results[0], results[1], "the label");
        Assert.AreNotSequenceEqual(results[0], results[2], "the scale of the guidance");
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Edit_NobodyReadsIt_NothingIsComputed(string name)
    {
        int evaluations = 0;
        using var lab = new EditLab();
        var view = lab.Fit(Edits[name](lab.Transforms, 4, new Counter(() => evaluations++))).Transform(EditRow.Load(lab.Ml, 6));
        _ = ViewChecks.Vectors(view, "X");
        Assert.AreEqual(0, evaluations);
        _ = ViewChecks.Vectors(view, "Out");
        Assert.IsGreaterThan(0, evaluations);
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Edit_PredictionEngine_AgreesWithTransform(string name)
    {
        using var lab = new EditLab();
        var model = lab.Fit(Edits[name](lab.Transforms, 4, null));
        var rows = EditRow.Make(3);
        var expected = lab.Run(model, rows);
        using var engine = lab.Ml.Model.CreatePredictionEngine<EditRow, Edited>(model, new PredictionEngineOptions { OwnsTransformer = false });
        EditLab.AssertClose(expected, [.. rows.Select(row => engine.Predict(row).Out)], Float32Tolerance.OfRun());
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Edit_SavedAndLoaded_GivesTheSame(string name)
    {
        using var lab = new EditLab();
        var model = lab.Fit(Edits[name](lab.Transforms, 4, null));
        var rows = EditRow.Make(5);
        var loaded = EstimatorChecks.Reload(lab.Ml, model, EditRow.Load(lab.Ml, 1).Schema);
        EditLab.AssertSame(lab.Run(model, rows), lab.Run(loaded, rows));
        ((IDisposable)loaded).Dispose();
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Edit_Pass_LeavesNoTensor(string name)
    {
        using var lab = new EditLab();
        var view = lab.Fit(Edits[name](lab.Transforms, 4, null)).Transform(EditRow.Load(lab.Ml, 5));
        ViewChecks.Vectors(view, "Out");
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = torch.Tensor.TotalCount;
        ViewChecks.Vectors(view, "Out");
        Assert.AreEqual(before, torch.Tensor.TotalCount);
    }

    [TestMethod]
    [DataRow("Invert", "X")]
    [DataRow("Interpolate", "Y")]
    [DataRow("Interpolate", "Weight")]
    [DataRow("ImageToImage", "X")]
    [DataRow("Inpaint", "Mask")]
    [DataRow("DenoiseFrom", "X")]
    public void Edit_ColumnOfAnotherType_NamesItAndWhatIsExpected(string name, string column)
    {
        using var lab = new EditLab();
        var chain = TestPipelines.Denoiser(lab.Ml).Append(lab.Ml.Transforms.CopyColumns(column, "Seed")).Append(Edits[name](lab.Transforms, 4, null));
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => chain.Fit(EditRow.Load(lab.Ml, 3)));
        Assert.Contains($"Schema mismatch for input column '{column}': expected {(column == "Weight" ? "a Single" : "a known-size vector of Single")}, got Int64", e.Message);
    }

    [TestMethod]
    public void Edit_ColumnOfAnotherSize_NamesBothSizes()
    {
        using var lab = new EditLab();
        var chain = TestPipelines.Denoiser(lab.Ml).Append(lab.Ml.Transforms.Concatenate("Twice", "X", "X"))
            .Append(lab.Transforms.Inpaint("Out", "X", "Twice"));
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => chain.Fit(EditRow.Load(lab.Ml, 3)));
        Assert.Contains("'Twice': expected a mask of 4 values", e.Message);
    }

    [TestMethod]
    public void Edit_SamplerWithoutPlan_IsRefused()
    {
        using var lab = new EditLab();
        var e = Assert.ThrowsExactly<ArgumentException>(() => lab.Transforms.Inpaint("Out", "X", "Mask", new() { Solver = new NoPlan() }));
        Assert.Contains("Inpaint edits the plan of a solver, but the option Solver is a NoPlan", e.Message);
    }

    [TestMethod]
    public void Edit_OptionOutOfRange_NamesValueAndRange()
    {
        var t = new MLContext(1).Diffusion().Transforms;
        void Refused(Action make, string accepted) => Assert.Contains(accepted, Assert.ThrowsExactly<ArgumentOutOfRangeException>(make).Message);
        Refused(() => t.Invert("Out", "X", new() { Refinements = -1 }), "Refinements must be a number in [0, 1000]");
        Refused(() => t.Invert("Out", "X", new() { Steps = 0 }), "Steps must be a number in [1, 100000]");
        Refused(() => t.ImageToImage("Out", "X", new() { Strength = 1.5 }), "Strength must be in [0, 1]");
        Refused(() => t.ImageToImage("Out", "X", new() { Level = NoiseLevel.Clean }), "Level must be of a positive, finite noise ratio");
        Refused(() => t.Interpolate("Out", "X", "Y", "Weight", new() { Strength = 0.01 }), "Strength must be in (0, 1], and leave at least one of the 20 steps");
        Refused(() => t.DenoiseFrom("Out", "X", new NoiseLevel(0, 1)), "positive, finite");
        Assert.ThrowsExactly<ArgumentException>(() => t.Inpaint("Out", "X", ""));
        Assert.ThrowsExactly<ArgumentException>(() => t.Inpaint("", "X", "Mask"));
    }

    private sealed class Edited
    {
        public float[] Out { get; set; } = [];
    }

    private sealed class NoPlan : ISampler
    {
        public ISamplingProgram Prepare(TimeGrid grid) => throw new NotSupportedException();
    }

    private sealed class Counter(Action count) : IProgress<SamplingProgress>
    {
        public void Report(SamplingProgress value) => count();
    }
}
