using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class LogLikelihoodTransformTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    [DataRow(0)]
    [DataRow(16)]
    public void Score_FewerRowsOrOtherOrder_IsBitIdentical(int exactDimensions)
    {
        using var model = (IDisposable)Fit(Options(exactDimensions));
        var points = Point.Make(6);
        float[] all = Scores((ITransformer)model, points), reversed = Scores((ITransformer)model, points.Reverse()), some = Scores((ITransformer)model, points.Skip(4));
        for (int i = 0; i < points.Count; i++)
            Assert.AreEqual(all[i], reversed[^(i + 1)]);
        Assert.AreEqual(all[4], some[0]);
        Assert.HasCount(6, all.Distinct().ToArray());
        Assert.IsTrue(all.All(float.IsFinite));
    }

    [TestMethod]
    public void Score_Seeds_CountForProbesAlone()
    {
        var points = Point.Make(2);
        foreach (var point in points)
            (point.X, point.Label, point.Strength) = (points[0].X, points[0].Label, points[0].Strength);
        using var exact = (IDisposable)Fit(Options(16));
        using var estimated = (IDisposable)Fit(Options(0));
        float[] same = Scores((ITransformer)exact, points), others = Scores((ITransformer)estimated, points);
        Assert.AreEqual(same[0], same[1]);
        Assert.AreNotEqual(others[0], others[1]);
        points[1].Seed = points[0].Seed;
        others = Scores((ITransformer)estimated, points);
        Assert.AreEqual(others[0], others[1]);
    }

    [TestMethod]
    public void Score_SavedAndInAPredictionEngine_IsTheSame()
    {
        using var model = (IDisposable)Fit(Options(16));
        var points = Point.Make(3);
        float[] expected = Scores((ITransformer)model, points);
        var loaded = EstimatorChecks.Reload(_ml, (ITransformer)model, Point.Load(_ml, 1).Schema);
        float[] actual = Scores(loaded, points);
        using var engine = _ml.Model.CreatePredictionEngine<Point, Scored>(loaded);
        for (int i = 0; i < points.Count; i++)
        {
            Assert.AreEqual(expected[i], actual[i]);
            // Batches of one: the rounding of single precision, through steps that may differ by it, with tolerances of 1e-2.
            Assert.AreEqual(expected[i], engine.Predict(points[i]).Score, 5e-2 * Math.Max(1, Math.Abs(expected[i])));
        }
    }

    [TestMethod]
    public void Score_ExactDenoiser_IsTheDensityInTheUsersUnits()
    {
        // Bytes 0..255 that the codec takes to [−1, 1]; the model is N(0, 0.3²) in each of two places.
        var codec = new PixelCodec();
        using var model = Exact(codec, new LogLikelihoodEstimator.Options { Likelihood = Tight });
        float[] got = Scores(model);
        using var bits = Exact(codec, new LogLikelihoodEstimator.Options { Likelihood = Tight, BitsPerDimension = true });
        float[] gotBits = Scores(bits);
        for (int row = 0; row < Bytes.Length; row++)
        {
            // The smallest level's noise of 0.002 adds to 0.3.
            double variance = 0.3 * 0.3 + 0.002 * 0.002;
            double expected = Bytes[row].X.Sum(value => -Math.Pow(value / 127.5 - 1, 2) / (2 * variance) - Math.Log(2 * Math.PI * variance) / 2 - Math.Log(127.5));
            // 1e-3 nats, of which single precision and the prior take their parts.
            Assert.AreEqual(expected, got[row], 1e-3);
            Assert.AreEqual(-expected / (2 * Math.Log(2)), gotBits[row], 1e-3);
        }
    }

    [TestMethod]
    public void Score_DiscreteData_IsTheMeanOverTheBin()
    {
        var codec = new PixelCodec();
        using var plain = Exact(codec, new LogLikelihoodEstimator.Options { Likelihood = Tight });
        using var discrete = Exact(codec, new LogLikelihoodEstimator.Options { Likelihood = Tight, BinWidth = 1 });
        float[] centre = Scores(plain), noisy = Scores(discrete);
        for (int row = 0; row < Bytes.Length; row++)
        {
            Assert.AreNotEqual(centre[row], noisy[row]);
            // ±½ on slopes of at most 1/127.5·1.3/0.09 nats, in two places.
            Assert.AreEqual(centre[row], noisy[row], 0.12);
        }
        using var wide = Exact(codec, new LogLikelihoodEstimator.Options { Likelihood = Tight, BinWidth = 1e-3 });
        float[] narrow = Scores(wide);
        for (int row = 0; row < Bytes.Length; row++)
            // A bin a thousandth as wide holds a thousandth of the probability, a place.
            Assert.AreEqual(centre[row] + 2 * Math.Log(1e-3), narrow[row], 2e-3);
    }

    [TestMethod]
    public void Score_NobodyReadsIt_NothingIsComputed()
    {
        int evaluations = 0;
        var options = Options(16);
        options.Progress = new Counter(() => evaluations++);
        using var model = (IDisposable)Fit(options);
        var view = ((ITransformer)model).Transform(Point.Load(_ml, 3));
        _ = ViewChecks.Vectors(view, "X");
        Assert.AreEqual(0, evaluations);
        _ = view.GetColumn<float>("Score").ToArray();
        Assert.IsGreaterThan(0, evaluations);
    }

    [TestMethod]
    public void LogLikelihood_BadOptionOrColumn_IsNamed()
    {
        var d = _ml.Diffusion().Transforms;
        Assert.Contains("BinWidth", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => d.LogLikelihood("Score", "X", new() { BinWidth = 0 })).Message);
        Assert.Contains("BatchSize", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => d.LogLikelihood("Score", "X", new() { BatchSize = 0 })).Message);
        Assert.Contains("WholeBatch", Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => d.LogLikelihood("Score", "X", new() { Likelihood = new() { Stepping = new() { WholeBatch = true } } })).Message);
        Assert.ThrowsExactly<ArgumentException>(() => d.LogLikelihood("Score", ""));
        Assert.Contains("d.Trainers.Denoiser", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => d.LogLikelihood("Score", "X").Fit(Point.Load(_ml, 3))).Message);
        var prepared = TestPipelines.Denoiser(_ml).Fit(Point.Load(_ml, 3));
        using var owned = (IDisposable)prepared;
        var view = prepared.Transform(Point.Load(_ml, 3));
        Assert.Contains("'Y'", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => d.LogLikelihood("Score", "Y").Fit(view)).Message);
        Assert.Contains("Schema mismatch for input column 'Label'", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => d.LogLikelihood("Score", "Label").Fit(view)).Message);
    }

    private static LogLikelihoodOptions Tight { get; } = new() { Stepping = new() { RelativeTolerance = 1e-5, AbsoluteTolerance = 1e-6 } };

    private static Pair[] Bytes { get; } = [new() { X = [128, 140] }, new() { X = [100, 150] }, new() { X = [60, 200] }];

    private static LogLikelihoodEstimator.Options Options(int exactDimensions) => new()
    {
        BatchSize = 4,
        Likelihood = new() { ExactDimensions = exactDimensions, Stepping = new() { RelativeTolerance = 1e-2, AbsoluteTolerance = 1e-2 } },
    };

    private Data.TransformerChain<LogLikelihoodTransformer> Fit(LogLikelihoodEstimator.Options options) => TestPipelines.Denoiser(_ml)
        .Append(_ml.Diffusion().Transforms.ClassifierFreeGuidance(scale: 2, scaleColumn: "Strength"))
        .Append(_ml.Diffusion().Transforms.LogLikelihood("Score", "X", options))
        .Fit(Point.Load(_ml, 10));

    private float[] Scores(ITransformer model, IEnumerable<Point> points) => [.. model.Transform(_ml.Data.LoadFromEnumerable(points)).GetColumn<float>("Score")];

    private static float[] Scores(ExactModel model) => [.. model.Transformer.Transform(model.Data).GetColumn<float>("Score")];

    // A normal distribution in place of a trained network.
    private ExactModel Exact(IDataCodec codec, LogLikelihoodEstimator.Options options)
    {
        var shape = new DataShape(2);
        var network = new ResidualMlp { Width = 8, Blocks = 1 };
        var spec = new DenoiserSpec(network, new EdmParameterization(0.3), new GaussianProcess(new EdmSchedule()), codec, shape, 0.3, ConditionLayout.Empty);
        var normal = new GaussianMixtureDenoiser([1], [[0.0, 0.0]], [new[,] { { 0.09, 0 }, { 0, 0.09 } }]);
        var denoiser = new DenoiserTransformer(_ml, new DenoiserModel(spec, normal, CPU), new DenoiserColumns("X", "Noised", "Level", []));
        var data = denoiser.Transform(_ml.Data.LoadFromEnumerable(Bytes));
        return new ExactModel(denoiser, _ml.Diffusion().Transforms.LogLikelihood("Score", "X", options).Fit(data), data);
    }

    private sealed record ExactModel(DenoiserTransformer Denoiser, ITransformer Transformer, IDataView Data) : IDisposable
    {
        public void Dispose() => Denoiser.Dispose();
    }

    private sealed class Pair
    {
        [VectorType(2)]
        public float[] X { get; set; } = [];
    }

    private sealed class Scored
    {
        public float Score { get; set; }
    }

    private sealed class Counter(Action count) : IProgress<SamplingProgress>
    {
        public void Report(SamplingProgress value) => count();
    }
}
