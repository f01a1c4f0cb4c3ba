using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class UniversalGuidanceTests
{
    private static readonly GuidanceObjective Under = KnownGuidanceObjectives.MatchUnderMask("Y", "Mask");

    // −Σ (x0 − y)² on the file's side, against the same in model space by columns.
    private static readonly TorchScriptObjective Script = new(
        new TorchScriptArchive().Add("w", [0.5f], [1]).Write("x0: Tensor, y: Tensor", "d = torch.sub(x0, y)", "return torch.mul(torch.neg(torch.sum(torch.mul(d, d), [1])), self.w)"),
        [GuidanceInput.Data("Y", new DataShape(4))]);

    private readonly MLContext _ml = new(1);

    private DiffusionTransformsCatalog Transforms => _ml.Diffusion().Transforms;

    [TestMethod]
    [DataRow("lazy")]
    [DataRow("shuffled")]
    public void Guidance_AnyForm_PassesChecks(string form)
    {
        var data = EstimatorTests.InForm(_ml, EditRow.Load(_ml, 10), form);
        EstimatorChecks.Run(_ml, Transforms.UniversalGuidance(Under, new() { WeightColumn = "Weight", Recurrence = 2 }), TestPipelines.Denoiser(_ml).Fit(data).Transform(data));
    }

    [TestMethod]
    public void Backward_TargetsOfRows_AreReachedInTheUnitsOfTheDataWhereTheMaskIsOne()
    {
        var rows = EditRow.Make(6);
        foreach (var row in rows)
            row.Mask = [1, 0, 1, 0];
        // A whole step ends at the target; the last step of the sampler keeps its estimate.
        float[][] guided = Sample(rows, Transforms.UniversalGuidance(Under, new() { ForwardWeight = 0, BackwardSteps = 1, BackwardStepSize = 1 })), free = Sample(rows, null);
        for (int i = 0; i < rows.Count; i++)
        {
            // Single precision over data of deviation 1 to 5.
            Assert.AreEqual(rows[i].Y[0], guided[i][0], 1e-3f);
            Assert.AreEqual(rows[i].Y[2], guided[i][2], 1e-3f);
            Assert.AreNotEqual(free[i][1], rows[i].Y[1]);
        }
    }

    [TestMethod]
    public void Forward_Weight_BringsSamplesNearer()
    {
        var rows = EditRow.Make(8);
        foreach (var row in rows)
            row.Mask = [1, 1, 1, 1];
        double free = Distance(Sample(rows, null), rows), guided = Distance(Sample(rows, Transforms.UniversalGuidance(Under)), rows);
        Console.WriteLine($"{free} {guided}");
        Assert.IsLessThan(free, guided);
    }

    [TestMethod]
    public void Row_WithoutTargetOrWeight_IsSampledAsWithoutGuidance()
    {
        var rows = EditRow.Make(8);
        rows[1].Y = [float.NaN, 0, 0, 0];
        rows[2].Mask = [1, float.NaN, 1, 1];
        rows[5].Weight = 0;
        float[][] guided = Sample(rows, Transforms.UniversalGuidance(Under, new() { WeightColumn = "Weight" })), free = Sample(rows, null);
        foreach (int row in new[] { 1, 2, 5 })
            EditLab.AssertClose([free[row]], [guided[row]], Float32Tolerance.OfRun());
        Assert.AreNotSequenceEqual(free[3], guided[3]);
        // The data has no such column: nothing is wanted of anyone.
        EditLab.AssertClose(free, Sample(rows, Transforms.UniversalGuidance(KnownGuidanceObjectives.MatchUnderMask("Y", "NotThere"), new() { BackwardSteps = 2 })), Float32Tolerance.OfRun());
    }

    [TestMethod]
    public void Interval_NoLevel_IsAsWithoutGuidance()
    {
        var rows = EditRow.Make(4);
        var nowhere = new LevelInterval(1e5, 1e6);
        EditLab.AssertSame(Sample(rows, null), Sample(rows, Transforms.UniversalGuidance(Under, new() { BackwardSteps = 2, Interval = nowhere })));
    }

    [TestMethod]
    public void Model_SavedAndLoaded_GivesTheSameWithTorchScriptToo()
    {
        foreach (var objective in new[] { Under, Script })
        {
            var rows = EditRow.Make(6);
            var model = Fit(Transforms.UniversalGuidance(objective, new() { WeightColumn = "Weight", BackwardSteps = 2, BackwardRule = KnownAscentRules.Adam, Recurrence = 2 }));
            if (objective == Script)
                Assert.IsInstanceOfType<TorchScriptConsentException>(Assert.Throws<Exception>(() => EstimatorChecks.Reload(_ml, model, EditRow.Load(_ml, 1).Schema)).GetBaseException());
            using var consent = TorchScriptConsent.AllowInModels();
            var loaded = EstimatorChecks.Reload(_ml, model, EditRow.Load(_ml, 1).Schema);
            float[][] expected = Run(model, rows);
            EditLab.AssertSame(expected, Run(loaded, rows));
            using var engine = _ml.Model.CreatePredictionEngine<EditRow, Sampled>(loaded, new PredictionEngineOptions { OwnsTransformer = true });
            EditLab.AssertClose(expected, [.. rows.Select(row => engine.Predict(row).Sample)], Float32Tolerance.OfRun());
        }
    }

    [TestMethod]
    public void Script_SameFormula_GivesWhatTheKnownObjectiveGives()
    {
        var rows = EditRow.Make(5);
        foreach (var row in rows)
            row.Mask = [1, 1, 1, 1];
        // Float32 inside of the module, and products in another order.
        EditLab.AssertClose(Sample(rows, Transforms.UniversalGuidance(Under)), Sample(rows, Transforms.UniversalGuidance(Script)), 1e-3);
    }

    [TestMethod]
    public void Save_ObjectiveInCode_IsRefusedWithAWayOut()
    {
        var model = Fit(Transforms.UniversalGuidance(GuidanceObjective.From(x0 => x0.sum(1))));
        Assert.HasCount(3, Run(model, EditRow.Make(3)));
        var exception = Assert.Throws<Exception>(() => EstimatorChecks.Reload(_ml, model, EditRow.Load(_ml, 1).Schema));
        Assert.Contains("An objective in code (GuidanceObjective.From) can not be saved. Write it as a TorchScript file", exception.Message);
    }

    [TestMethod]
    public void Recurrence_Two_DoublesTheEvaluationsOfSamplersAndEdits()
    {
        Assert.AreEqual(6, Evaluations(Transforms.Sampler("Sample", new() { Solver = KnownSolvers.Ddim, Steps = 3, BatchSize = 8, Progress = Count() })));
        Assert.AreEqual(6, Evaluations(Transforms.Inpaint("Sample", "X", "Mask", new() { Solver = KnownSolvers.DdpmAncestral, Steps = 3, BatchSize = 8, Progress = Count() })));
        Assert.AreEqual(4, Evaluations(Transforms.ImageToImage("Sample", "X", new() { Solver = KnownSolvers.Ddim, Steps = 4, Strength = 0.5, BatchSize = 8, Progress = Count() })));
        Refused("MultistepDpmSolver", Transforms.Sampler("Sample", new() { Steps = 3 }));
        Refused("AdaptiveOdeSampler", Transforms.Sampler("Sample", new() { Solver = KnownSolvers.AdaptiveOde }));
        Refused("RecurrentSolver draws noise", Transforms.Invert("Sample", "X", new() { Steps = 3 }));

        int Evaluations(IEstimator<ITransformer> sampler)
        {
            _evaluations = 0;
            _ = Run(Pipeline(sampler).Fit(EditRow.Load(_ml, 8)), EditRow.Make(8));
            return _evaluations;
        }

        void Refused(string name, IEstimator<ITransformer> sampler)
            => Assert.Contains(name, Assert.ThrowsExactly<ArgumentException>(() => Pipeline(sampler).Fit(EditRow.Load(_ml, 8))).Message);

        // Of two guidances, the one that wants more.
        IEstimator<ITransformer> Pipeline(IEstimator<ITransformer> sampler) => TestPipelines.Denoiser(_ml)
            .Append(Transforms.UniversalGuidance(Under, new() { Recurrence = 2 }))
            .Append(Transforms.ClassifierFreeGuidance(2))
            .Append(sampler);
    }

    [TestMethod]
    public void Pictures_SmallOnesAndColours_AreInTheUnitsOfPixels()
    {
        var rows = Enumerable.Range(0, 3).Select(i => new Picture
        {
            Pixels = [.. Enumerable.Range(0, 48).Select(place => (float)((37 * place + 11 * i) % 256))],
            Small = [.. Enumerable.Range(0, 12).Select(place => 60 + 12f * place + i)],
            Color = [200 - i, 100, 50 + i],
        }).ToArray();
        var data = _ml.Data.LoadFromEnumerable(rows);
        // The gradient is 1/n of the difference of a mean of n pixels: a step of n·deviation² ends there, but for pixels at black or white, whose part is left to the next step.
        float[][] small = Pictures(KnownGuidanceObjectives.MatchLowResolution("Small", 2), 4), colored = Pictures(KnownGuidanceObjectives.MatchMeanColor("Color", 1), 16);
        for (int i = 0; i < rows.Length; i++)
            for (int c = 0; c < 3; c++)
            {
                for (int place = 0; place < 4; place++)
                {
                    int corner = 16 * c + 8 * (place / 2) + 2 * (place % 2);
                    Assert.AreEqual(rows[i].Small[4 * c + place], new[] { 0, 1, 4, 5 }.Average(offset => small[i][corner + offset]), 0.1);
                }
                Assert.AreEqual(rows[i].Color[c], colored[i][(16 * c)..(16 * c + 16)].Average(), 0.1);
            }
        var misfit = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Pictures(KnownGuidanceObjectives.MatchLowResolution("Color", 2), 1));
        Assert.Contains("'Color': expected a vector of 12 values, the shape [3, 2, 2]", misfit.Message);
        Assert.Contains("multiples of 3", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Pictures(KnownGuidanceObjectives.MatchLowResolution("Small", 3), 1)).Message);

        float[][] Pictures(GuidanceObjective objective, double step)
        {
            var model = Transforms.NoiseSchedule("Pixels")
                .Append(new TestDenoiser(_ml, "Pixels"))
                .Append(Transforms.UniversalGuidance(objective, new() { ForwardWeight = 0, BackwardSteps = 60, BackwardStepSize = step, BackwardLimit = 1 }))
                .Append(Transforms.Sampler("Sample", new() { Steps = 3, Solver = KnownSolvers.Ddim }))
                .Fit(data);
            return ViewChecks.Vectors(model.Transform(data), "Sample");
        }
    }

    [TestMethod]
    public void Rows_OtherOrderAndFewer_AreBitIdentical()
    {
        var model = Fit(Transforms.UniversalGuidance(Under, new() { BackwardSteps = 2, WeightColumn = "Weight" }));
        var rows = EditRow.Make(11);
        float[][] all = Run(model, rows);
        EditLab.AssertSame([.. all.Reverse()], Run(model, rows.Reverse()));
        EditLab.AssertSame(all[5..7], Run(model, rows.Skip(5).Take(2)));
    }

    [TestMethod]
    public void Pass_GuidedSamples_LeaveNoTensor()
    {
        var view = Fit(Transforms.UniversalGuidance(Under, new() { BackwardSteps = 2 })).Transform(EditRow.Load(_ml, 5));
        TensorLeak.AssertNone(() => ViewChecks.Vectors(view, "Sample"));
    }

    private int _evaluations;

    private Counter Count() => new(this);

    private static double Distance(float[][] samples, IReadOnlyList<EditRow> rows)
        => samples.Zip(rows, (sample, row) => sample.Zip(row.Y, (x, y) => (double)(x - y) * (x - y)).Sum()).Sum();

    private float[][] Sample(IReadOnlyList<EditRow> rows, IEstimator<ITransformer>? guidance) => Run(Fit(guidance), rows);

    private TransformerChain<SamplerTransformer> Fit(IEstimator<ITransformer>? guidance)
    {
        var pipeline = TestPipelines.Denoiser(_ml);
        if (guidance is not null)
            pipeline = pipeline.Append(guidance);
        return pipeline.Append(Transforms.Sampler("Sample", new() { Steps = 4, BatchSize = 4, Solver = KnownSolvers.Ddim })).Fit(EditRow.Load(_ml, 10));
    }

    private float[][] Run(ITransformer model, IEnumerable<EditRow> rows) => ViewChecks.Vectors(model.Transform(_ml.Data.LoadFromEnumerable(rows)), "Sample");

    private sealed class Counter(UniversalGuidanceTests tests) : IProgress<SamplingProgress>
    {
        public void Report(SamplingProgress value) => tests._evaluations++;
    }

    private sealed class Sampled
    {
        public float[] Sample { get; set; } = [];
    }

    private sealed class Picture
    {
        [VectorType(3, 4, 4)]
        public float[] Pixels { get; set; } = [];

        [VectorType(3, 2, 2)]
        public float[] Small { get; set; } = [];

        [VectorType(3)]
        public float[] Color { get; set; } = [];
    }
}
