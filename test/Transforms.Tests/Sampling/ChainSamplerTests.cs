using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Samplers with Markov chains in pipelines: their samples, saved and loaded, in other batches and in prediction engines.</summary>
[TestClass]
public sealed class ChainSamplerTests
{
    private readonly MLContext _ml = new(1);

    public static IEnumerable<object[]> Samplers =>
    [
        [KnownSolvers.PredictorCorrector],
        [new PredictorCorrectorSolver(new AncestralPredictor(), new LangevinCorrector(0.1, 2))],
        [KnownSolvers.AnnealedLangevin],
        [KnownSolvers.AnnealedMala],
        [new AnnealedMcmcSampler(KnownKernels.RandomWalk(0.5), 2, 1)],
    ];

    [TestMethod]
    [DynamicData(nameof(Samplers))]
    public void Sample_SavedAndLoaded_IsTheSame(ISampler sampler)
    {
        using var model = (IDisposable)Fit(new() { Steps = 4, Solver = sampler });
        using var stream = new MemoryStream();
        _ml.Model.Save((ITransformer)model, Point.Load(_ml, 1).Schema, stream);
        stream.Position = 0;
        var loaded = new MLContext(2).Model.Load(stream, out _);
        using var owned = (IDisposable)loaded;
        var points = Point.Make(5);
        float[][] expected = Sample((ITransformer)model, points), actual = Sample(loaded, points);
        for (int i = 0; i < points.Count; i++)
            Assert.AreSequenceEqual(expected[i], actual[i]);
        Assert.IsTrue(expected.SelectMany(sample => sample).All(float.IsFinite));
    }

    [TestMethod]
    [DynamicData(nameof(Samplers))]
    public void Sample_FewerRowsOrOtherOrder_IsBitIdentical(ISampler sampler)
    {
        using var model = (IDisposable)Fit(new() { Steps = 4, Solver = sampler, BatchSize = 4 });
        var points = Point.Make(7);
        float[][] all = Sample((ITransformer)model, points), reversed = Sample((ITransformer)model, points.Reverse()), some = Sample((ITransformer)model, points.Skip(5));
        for (int i = 0; i < points.Count; i++)
            Assert.AreSequenceEqual(all[i], reversed[^(i + 1)]);
        Assert.AreSequenceEqual(all[6], some[1]);
    }

    [TestMethod]
    [DynamicData(nameof(Samplers))]
    public void PredictionEngine_SeededRow_AgreesWithTransform(ISampler sampler)
    {
        var model = Fit(new() { Steps = 4, Solver = sampler });
        var points = Point.Make(2);
        var expected = Sample(model, points);
        using var engine = _ml.Model.CreatePredictionEngine<Point, Sampled>(model);
        for (int i = 0; i < points.Count; i++)
        {
            float[] actual = engine.Predict(points[i]).Sample;
            for (int j = 0; j < actual.Length; j++)
                Assert.AreEqual(expected[i][j], actual[j], Float32Tolerance.OfRun() * Math.Max(1, Math.Abs(expected[i][j])));
        }
    }

    [TestMethod]
    public void Progress_OfAMarkovChain_TellsTheAcceptanceRate()
    {
        var reports = new List<SamplingProgress>();
        using var model = (IDisposable)Fit(new() { Steps = 6, BatchSize = 8, Solver = KnownSolvers.AnnealedMala, Progress = new Listener(reports.Add) });
        Sample((ITransformer)model, Point.Make(8));
        Assert.HasCount(6 * 5, reports);
        Assert.IsNull(reports[0].AcceptanceRate, "nothing was proposed yet");
        Assert.IsInRange(0.01, 1, reports[^1].AcceptanceRate!.Value);
        Assert.AreEqual(30, reports[^1].Evaluations);
    }

    private ITransformer Fit(SamplerEstimator.Options options) => TestPipelines.Conditional(_ml, options).Fit(Point.Load(_ml, 10));

    private float[][] Sample(ITransformer model, IEnumerable<Point> points)
        => ViewChecks.Vectors(model.Transform(_ml.Data.LoadFromEnumerable(points)), "Sample");

    private sealed class Sampled
    {
        public float[] Sample { get; set; } = [];
    }

    private sealed class Listener(Action<SamplingProgress> report) : IProgress<SamplingProgress>
    {
        public void Report(SamplingProgress value) => report(value);
    }
}
