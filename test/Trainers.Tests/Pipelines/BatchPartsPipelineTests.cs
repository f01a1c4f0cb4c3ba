using Microsoft.ML.Diffusion.Transforms;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class BatchPartsPipelineTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _log = [];

    public BatchPartsPipelineTests() => _ml.Log += (_, e) => _log.Add(e.Message);

    [TestMethod]
    public void Fit_InParts_TheSameToTheLastBitEachTimeAndTheModelOfWholeBatchesButForRounding()
    {
        int threads = get_num_threads();
        float[] parts = Weights(Options(3));
        Assert.AreSequenceEqual(parts, Weights(Options(3)));
        // Whatever number of threads libtorch has: each part has one.
        set_num_threads(2);
        try
        {
            Assert.AreSequenceEqual(parts, Weights(Options(3)));
            Assert.AreEqual(2, get_num_threads());
        }
        finally
        {
            set_num_threads(threads);
        }
        Assert.Contains(message => message.Contains("batches of 64 in 3 parts", StringComparison.Ordinal), _log);
        AssertNear(Weights(Options(1)), parts);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [OSCondition(OperatingSystems.Linux)]
    public void Fit_SmallBatchOrParts_OperationsRunOnOneThread(int parts)
    {
        var objective = new Observed();
        var options = Options(parts);
        options.Objective = objective;
        int threads = get_num_threads();
        set_num_threads(2);
        try
        {
            Train(options).Dispose();
            Assert.AreEqual(1, objective.MostThreads);
            Assert.AreEqual(2, get_num_threads());
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [TestMethod]
    public void Fit_LangevinDynamicsInParts_TheSameNoise()
    {
        DenoiserTrainer.Options Langevin(int parts)
        {
            var options = Options(parts);
            (options.Optimizer, options.LearningRate, options.GradientAccumulation) = (new SgldOptimizer(), 1e-3, 2);
            return options;
        }

        AssertNear(Weights(Langevin(1)), Weights(Langevin(2)));
    }

    [TestMethod]
    public void Fit_DistillationInParts_TheModelOfWholeBatchesButForRounding()
    {
        using var teacher = Train(Options(1));
        DenoiserTrainer.Options Distilled(int parts)
        {
            var options = Options(parts);
            options.Objective = KnownObjectives.ConsistencyDistillation;
            (options.Teacher, options.StartFrom) = (teacher, teacher);
            return options;
        }

        AssertNear(Weights(Distilled(1)), Weights(Distilled(3)));
    }

    [TestMethod]
    public void Fit_ContrastInParts_IsRefusedAndLeftOpenComputesWholeBatches()
    {
        var data = Noised(_ml.Transforms.Conversion.MapValueToKey("Cloud").Fit(Points.Load(_ml)).Transform(Points.Load(_ml)));
        ContrastiveTrainer Trainer(int? parts) => _ml.Diffusion().Trainers.Contrastive("Point", "Cloud", new ContrastiveTrainer.Options { Steps = 2, BatchParts = parts });
        string message = Assert.ThrowsExactly<ArgumentException>(() => Trainer(2).Fit(data)).Message;
        Assert.Contains("BatchParts is 2", message);
        Assert.Contains("other rows", message);
        Trainer(null).Fit(data).Dispose();
        Trainer(1).Fit(data).Dispose();
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(65)]
    public void Options_PartsOutOfRange_AreRefused(int parts)
        => Assert.Contains($"BatchParts is {parts}", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Train(Options(parts))).Message);

    [TestMethod]
    public void Fit_CancelledInParts_ReturnsTheModelSoFar()
    {
        using var source = new CancellationTokenSource();
        var options = Options(2);
        options.CancellationToken = source.Token;
        options.Progress = new Recorder(report => source.Cancel());
        using var model = Train(options);
        Assert.IsTrue(TrainedWeights.Of(model).All(float.IsFinite));
    }

    // Adam divides a gradient by its own size, so weights whose gradients are rounding itself move either way: few steps, and plain descent.
    private static DenoiserTrainer.Options Options(int parts)
    {
        var options = Points.Options(20);
        (options.BatchParts, options.Optimizer, options.LearningRate) = (parts, new SgdOptimizer(0.9), 0.05);
        return options;
    }

    // Answers of order 1 after 20 steps, each of which rounds sums of 64 rows at 2⁻²⁴: 20·√64·2⁻²⁴ is 1e-5, and errors grow as the weights that hold them move on.
    private static void AssertNear(float[] expected, float[] actual)
    {
        double scale = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-4 * scale);
    }

    private float[] Weights(DenoiserTrainer.Options options)
    {
        using var model = Train(options);
        return TrainedWeights.Of(model);
    }

    private DenoiserTransformer Train(DenoiserTrainer.Options options) => _ml.Diffusion().Trainers.Denoiser("Point", options: options).Fit(Noised(Points.Load(_ml)));

    private sealed class Observed : Objective
    {
        public int MostThreads { get; private set; }

        public override Tensor LossOfRows(ObjectiveBatch batch)
        {
            MostThreads = Math.Max(MostThreads, get_num_threads());
            return KnownObjectives.Simple.LossOfRows(batch);
        }
    }

    private IDataView Noised(IDataView data) => _ml.Diffusion().Transforms.NoiseSchedule("Point").Fit(data).Transform(data);
}
