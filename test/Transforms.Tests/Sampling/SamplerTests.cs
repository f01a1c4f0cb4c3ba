using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;
using TorchSharp;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class SamplerTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void Sample_FewerRowsOrOtherOrder_IsBitIdentical()
    {
        var model = Fit();
        var points = Point.Make(11);
        var all = Sample(model, points);
        var reversed = Sample(model, points.Reverse());
        var some = Sample(model, points.Skip(5).Take(2));
        for (int i = 0; i < points.Count; i++)
            Assert.AreSequenceEqual(all[i], reversed[^(i + 1)]);
        Assert.AreSequenceEqual(all[5], some[0]);
        Assert.AreSequenceEqual(all[6], some[1]);
    }

    [TestMethod]
    public void Sample_OtherThreadCount_IsBitIdentical()
    {
        var model = Fit();
        var points = Point.Make(6);
        int threads = torch.get_num_threads();
        try
        {
            torch.set_num_threads(1);
            var one = Sample(model, points);
            torch.set_num_threads(2);
            var two = Sample(model, points);
            for (int i = 0; i < points.Count; i++)
                Assert.AreSequenceEqual(one[i], two[i]);
        }
        finally
        {
            torch.set_num_threads(threads);
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(7)]
    public void Sample_OtherBatchSize_AgreesToSinglePrecision(int batchSize)
    {
        var points = Point.Make(9);
        var expected = Sample(Fit(), points);
        var actual = Sample(Fit(new() { Steps = 3, BatchSize = batchSize }), points);
        for (int i = 0; i < points.Count; i++)
            for (int j = 0; j < expected[i].Length; j++)
                Assert.AreEqual(expected[i][j], actual[i][j], Float32Tolerance.OfRun() * Math.Max(1, Math.Abs(expected[i][j])));
    }

    [TestMethod]
    [DataRow(1000, 64_000, 16, 8)]
    [DataRow(1000, 64_000, 4, 4)]
    [DataRow(1000, 1, 16, 1)]
    [DataRow(1000, long.MaxValue, 256, 256)]
    public void BatchSizes_MemoryAndRow_TakesTheLargestThatFits(long bytes, long memory, int most, int expected)
        => Assert.AreEqual(expected, BatchSizes.For(bytes, memory, most));

    [TestMethod]
    public void Precision_BFloat16_NearFloat32AndSavedWithTheModel()
    {
        using var emulation = new EmulatedBFloat16();
        var points = Point.Make(2);
        var model = Fit(new() { Steps = 3, Precision = Precision.BFloat16 });
        var (exact, rough) = (Sample(Fit(), points)[0], Sample(model, points)[0]);
        Assert.AreNotSequenceEqual(exact, rough);
        // bf16 rounds to 1/256, and three steps pass it on.
        foreach (var (a, b) in exact.Zip(rough))
            Assert.AreEqual(a, b, 0.1 * Math.Max(1, Math.Abs(a)));
        using var stream = new MemoryStream();
        _ml.Model.Save(model, Point.Load(_ml, 1).Schema, stream);
        stream.Position = 0;
        Assert.AreSequenceEqual(rough, Sample(_ml.Model.Load(stream, out _), points)[0]);
    }

    [TestMethod]
    public void Precision_NotOnThisDevice_RefusedAndAutoWorks()
    {
        if (Precision.BFloat16.IsSupported(torch.CPU, out _))
            Assert.Inconclusive("This processor computes in bf16.");
        var points = Point.Make(2);
        Assert.Contains("not available on cpu", Assert.ThrowsExactly<NotSupportedException>(() => Sample(Fit(new() { Steps = 3, Precision = Precision.BFloat16 }), points)).Message);
        Assert.AreSequenceEqual(Sample(Fit(), points)[0], Sample(Fit(new() { Steps = 3, Precision = Precision.Auto }), points)[0]);
    }

    [TestMethod]
    public void Sample_EqualSeeds_AreEqualAndOtherSeedsDiffer()
    {
        var model = Fit();
        var points = Point.Make(3);
        points[1].Seed = points[0].Seed;
        points[1].Label = points[2].Label = points[0].Label;
        points[1].Strength = points[2].Strength = points[0].Strength;
        var samples = Sample(model, points);
        Assert.AreSequenceEqual(samples[0], samples[1]);
        Assert.AreNotSequenceEqual(samples[0], samples[2]);
    }

    [TestMethod]
    public void Sample_OtherLabel_Differs()
    {
        var points = Point.Make(2);
        points[1].Seed = points[0].Seed;
        points[1].Strength = points[0].Strength = 2;
        var samples = Sample(Fit(), points);
        Assert.AreNotSequenceEqual(samples[0], samples[1]);
    }

    [TestMethod]
    public void Sample_NobodyReadsIt_NothingIsComputed()
    {
        int evaluations = 0;
        var model = Fit(new() { Steps = 3, BatchSize = 4, Progress = new Counter(() => evaluations++) });
        var view = model.Transform(Point.Load(_ml, 10));
        using (var cursor = view.GetRowCursor(view.Schema))
        {
            while (cursor.MoveNext())
            {
            }
        }
        Assert.AreEqual(0, evaluations, "rows were passed, but no sample was read");
        _ = ViewChecks.Vectors(view, "X");
        Assert.AreEqual(0, evaluations, "another column was read");
        _ = ViewChecks.Vectors(view, "Sample");
        Assert.AreEqual(3 * 3, evaluations, "three batches of three steps");
    }

    [TestMethod]
    public void PredictionEngine_SeededRow_AgreesWithTransform()
    {
        var model = Fit();
        var points = Point.Make(3);
        var expected = Sample(model, points);
        using var engine = _ml.Model.CreatePredictionEngine<Point, Sampled>(model);
        for (int i = 0; i < points.Count; i++)
        {
            float[] actual = engine.Predict(points[i]).Sample;
            for (int j = 0; j < actual.Length; j++)
                Assert.AreEqual(expected[i][j], actual[j], Float32Tolerance.OfRun() * Math.Max(1, Math.Abs(expected[i][j])));
        }
        Assert.AreSequenceEqual(engine.Predict(points[0]).Sample, engine.Predict(points[0]).Sample);
    }

    [TestMethod]
    public void PredictionEngine_NoSeed_AdvancesWithEachCall()
    {
        using var engine = _ml.Model.CreatePredictionEngine<Point, Sampled>(Fit(new() { Steps = 2, SeedColumn = null }));
        var point = Point.Make(1)[0];
        Assert.AreNotSequenceEqual(engine.Predict(point).Sample, engine.Predict(point).Sample);
    }

    [TestMethod]
    public void PredictionEngine_Disposed_ModelSaysWhatHappened()
    {
        var model = Fit();
        _ml.Model.CreatePredictionEngine<Point, Sampled>(model).Dispose();
        var e = Assert.ThrowsExactly<ObjectDisposedException>(() => Sample(model, Point.Make(1)));
        Assert.Contains("OwnsTransformer", e.Message);
    }

    [TestMethod]
    public void Transform_AndDispose_LeavesNoTensor()
    {
        // What other tests left to the finalizer must not be counted.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = torch.Tensor.TotalCount;
        var model = Fit();
        long held = torch.Tensor.TotalCount;
        var view = model.Transform(Point.Load(_ml, 5));
        ViewChecks.Rows(view, _ => true, out _);
        ViewChecks.Rows(view, _ => true, out _);
        // The network may keep tables of its own from the first run on; they go with it.
        long used = torch.Tensor.TotalCount;
        ViewChecks.Rows(view, _ => true, out _);
        Assert.AreEqual(used, torch.Tensor.TotalCount, "a further pass left tensors behind");
        Assert.IsGreaterThan(before, held);
        ((IDisposable)model).Dispose();
        Assert.AreEqual(before, torch.Tensor.TotalCount, "the disposed model left tensors behind");
    }

    [TestMethod]
    public void Sample_Clipped_StaysInModelRange()
    {
        var model = _ml.Diffusion().Transforms.NoiseSchedule("X", options: new() { Codec = new PixelCodec(-20, 20) })
            .Append(new TestDenoiser(_ml, "X"))
            .Append(_ml.Diffusion().Transforms.Sampler("Sample", new() { Steps = 2, Clip = 0.01, Solver = KnownSolvers.Ddim }))
            .Fit(Point.Load(_ml, 5));
        foreach (float value in Sample(model, Point.Make(5)).SelectMany(sample => sample))
            Assert.IsInRange(-0.21f, 0.21f, value);
    }

    [TestMethod]
    public void Sampler_BadOption_NamesValueAndRange()
    {
        var d = _ml.Diffusion();
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => d.Transforms.Sampler("Sample", new() { Steps = 0 }));
        Assert.Contains("Steps must be a number in [1, 100000]", e.Message);
        Assert.AreEqual(0, e.ActualValue);
        Assert.AreEqual("Steps", e.ParamName, "the user's option, not a name of ours");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => d.Transforms.Sampler("Sample", new() { BatchSize = -1 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => d.Transforms.Sampler("Sample", new() { Clip = 0 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => d.Transforms.Sampler("Sample", new() { Solver = null! }));
        Assert.ThrowsExactly<ArgumentException>(() => d.Transforms.Sampler(""));
    }

    [TestMethod]
    public void Sampler_WhoseRowsDependOnEachOther_IsRefused()
    {
        ISampler[] mixing = [
            new AdaptiveOdeSampler(new AdaptiveStepping { WholeBatch = true }),
            new DpmAdaptiveSampler { WholeBatch = true },
            new PredictorCorrectorSolver(null, new LangevinCorrector(overBatch: true))];
        foreach (var sampler in mixing)
        {
            var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Diffusion().Transforms.Sampler("Sample", new() { Solver = sampler }));
            Assert.Contains("WholeBatch", e.Message);
        }
    }

    [TestMethod]
    public void Sampler_NoDenoiser_SaysWhatToAppend()
    {
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Diffusion().Transforms.Sampler().Fit(Point.Load(_ml, 3)));
        Assert.Contains("'Denoiser'", e.Message);
        Assert.Contains("d.Trainers.Denoiser", e.Message);
    }

    [TestMethod]
    public void Sampler_TextSeed_IsRefused()
    {
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(new() { SeedColumn = "Label2" }, "Label2"));
        Assert.Contains("Schema mismatch for input column 'Label2': expected an integer, got String", e.Message);
    }

    private ITransformer Fit(SamplerEstimator.Options? options = null, string? copyOfLabel = null)
    {
        var pipeline = TestPipelines.Conditional(_ml, options);
        return copyOfLabel is null ? pipeline.Fit(Point.Load(_ml, 10)) : _ml.Transforms.CopyColumns(copyOfLabel, "Label").Append(pipeline).Fit(Point.Load(_ml, 10));
    }

    private float[][] Sample(ITransformer model, IEnumerable<Point> points)
        => ViewChecks.Vectors(model.Transform(_ml.Data.LoadFromEnumerable(points)), "Sample");

    private sealed class Sampled
    {
        public float[] Sample { get; set; } = [];
    }

    private sealed class Counter(Action count) : IProgress<SamplingProgress>
    {
        public void Report(SamplingProgress value) => count();
    }
}
