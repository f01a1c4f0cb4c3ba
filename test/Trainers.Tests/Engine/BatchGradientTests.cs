using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>A batch in parts has the gradient of the whole batch, for everything that learns.</summary>
[TestClass]
public sealed class BatchGradientTests
{
    private const int Rows = 10;

    // Sums of up to some thousand products in another order: √n·2⁻²⁴ is 4e-6 for n = 4,000; ten times that, since errors grow from layer to layer.
    private const double Tolerance = 4e-5;

    private static readonly DataShape s_point = new(6), s_picture = new(2, 8, 8);
    private static readonly ConditionLayout s_classes = new([new ClassCondition("Label", 3), new VectorCondition("Numbers", 2)]);

    public static IEnumerable<object[]> Networks =>
    [
        ["perceptron with dropout", new ResidualMlp { Width = 16, Blocks = 2, Dropout = 0.3 }, s_point],
        ["perceptron that takes estimates", new ResidualMlp { Width = 16, Blocks = 1, WithSelfConditioning = true }, s_point],
        ["U-Net with dropout and attention", new UNet { Channels = 8, Multipliers = [1, 2], AttentionFactors = [1], HeadChannels = 4, Groups = 4, Dropout = 0.3 }, s_picture],
        ["transformer", new DiT { PatchSize = 2, Width = 32, Depth = 2, Heads = 2 }, s_picture],
        ["linear attention", new LinearAttentionUNet { Channels = 8, Multipliers = [1, 2] }, s_picture],
    ];

    public static IEnumerable<object[]> Objectives =>
    [
        ["weighted", new SimpleObjective(), KnownLossWeights.MinSnr, KnownLevelDistributions.Schedule, 1],
        ["accumulated", new SimpleObjective(), KnownLossWeights.Uniform, KnownLevelDistributions.Schedule, 3],
        ["levels by importance", new SimpleObjective(), KnownLossWeights.Uniform, new ImportanceLevels(4, history: 1), 1],
        ["consistency", new ConsistencyTrainingObjective(), KnownLossWeights.Uniform, KnownLevelDistributions.Schedule, 1],
        ["consistency with a target that follows", new ConsistencyTrainingObjective { TargetDecay = 0.9 }, KnownLossWeights.Uniform, KnownLevelDistributions.Schedule, 1],
    ];

    [TestMethod]
    [DynamicData(nameof(Networks))]
    public void Add_InParts_GradientAndLossOfTheWholeBatch(string name, Network network, DataShape shape) => AssertParts(name, new DenoiserTrainer.Options { Network = network, Seed = 1, BatchSize = Rows }, shape);

    [TestMethod]
    [DynamicData(nameof(Objectives))]
    public void Add_InPartsOfOtherLosses_GradientAndLossOfTheWholeBatch(string name, Objective objective, LossWeight weight, LevelDistribution levels, int batches)
        => AssertParts(name, new DenoiserTrainer.Options
        {
            Network = new ResidualMlp { Width = 16, Blocks = 2 },
            Objective = objective,
            LossWeight = weight,
            Levels = levels,
            GradientAccumulation = batches,
            Parameterization = objective is ConsistencyObjective ? objective.DefaultParameterization(0.5, KnownSchedules.Edm) : null,
            Seed = 1,
            BatchSize = Rows,
        }, s_point);

    [TestMethod]
    public void Add_InPartsOfALearnedVariance_GradientAndLossOfTheWholeBatch()
    {
        foreach (var objective in new[] { KnownObjectives.Hybrid, KnownObjectives.Variational })
        {
            var options = new DenoiserTrainer.Options { Network = new ResidualMlp { Width = 16, Blocks = 2, WithVariance = true }, Objective = objective, Parameterization = new EpsilonParameterization(), Seed = 1, BatchSize = Rows };
            AssertParts(objective.GetType().Name, options, s_point, new GaussianProcess(new CosineSchedule(50)));
        }
    }

    [TestMethod]
    public void Add_InPartsOfAClassifier_GradientAndLossOfTheWholeBatch()
    {
        var layout = new ConditionLayout([new ClassCondition("Label", 3)]);
        var task = new ClassifyingTask(new ResidualMlp { Width = 16, Blocks = 2, Answers = 3, Dropout = 0.3 }, KnownLevelInputs.LogRatio, 0.5, s_point, layout, new GaussianProcess(KnownSchedules.Edm), CPU, Precision.Float32, 1);
        var options = new NoisyClassifierTrainer.Options { BatchSize = Rows };
        using var rows = Data(s_point, layout);
        AssertParts("classifier", () => new ClassifyingLearner(task, options), rows, 1);
    }

    [TestMethod]
    public void Add_InPartsInBFloat16_AddsInFloat32()
    {
        using var emulation = new EmulatedBFloat16();
        var options = new DenoiserTrainer.Options { Network = new ResidualMlp { Width = 16, Blocks = 2 }, Precision = Precision.BFloat16, Seed = 1, BatchSize = Rows };
        var task = Task(options, s_point, new GaussianProcess(KnownSchedules.Edm));
        using var rows = Data(s_point, task.Layout);
        var (whole, _) = Gradient(() => new DenoisingLearner(task, options), rows, 1, 1);
        var (parts, _) = Gradient(() => new DenoisingLearner(task, options), rows, 3, 1);
        // Numbers of 8 binary digits, of which backward passes round sums and the parts' results.
        Assert.IsLessThan(0.02, Distance(whole, parts));
        Assert.Contains(value => BitConverter.SingleToInt32Bits(value) << 16 != 0, parts, "the sum of parts has more digits than bf16");
    }

    [TestMethod]
    public void Add_AgainAndAgain_TheSameToTheLastBitAndNoTensorStays()
    {
        var options = new DenoiserTrainer.Options { Network = new UNet { Channels = 8, Multipliers = [1, 2], Groups = 4, HeadChannels = 4, Dropout = 0.3 }, Seed = 1, BatchSize = Rows };
        var task = Task(options, s_picture, new GaussianProcess(KnownSchedules.Edm));
        using var rows = Data(s_picture, task.Layout);
        var (first, _) = Gradient(() => new DenoisingLearner(task, options), rows, 3, 1);
        TensorLeak.AssertNone(() => Assert.AreSequenceEqual(first, Gradient(() => new DenoisingLearner(task, options), rows, 3, 1).Gradient));
    }

    [TestMethod]
    public void Add_FewerRowsThanParts_GradientOfTheRows()
    {
        var options = new DenoiserTrainer.Options { Network = new ResidualMlp { Width = 16, Blocks = 2 }, Seed = 1, BatchSize = Rows };
        var task = Task(options, s_point, new GaussianProcess(KnownSchedules.Edm));
        using var rows = Data(s_point, task.Layout);
        using var learner = new DenoisingLearner(task, options);
        using var whole = new BatchGradient(learner, 1);
        using var parts = new BatchGradient(learner, 4);
        using var scope = NewDisposeScope();
        using var batch = learner.Batches(rows).Batch(0);
        var few = batch.Rows(3, 2);
        float[] Of(BatchGradient gradient)
        {
            gradient.Zero();
            gradient.Add(few, 1, 0);
            gradient.Collect();
            return learner.Parameters.Gradients.data<float>().ToArray();
        }
        Assert.IsLessThan(Tolerance, Distance(Of(whole), Of(parts)));
    }

    [TestMethod]
    public void Add_ALossFailsOnAWorker_TheExceptionReachesTheCallerAndNothingStays()
    {
        var options = new DenoiserTrainer.Options { Network = new ResidualMlp { Width = 16, Blocks = 2 }, Objective = new FailingObjective(), Seed = 1, BatchSize = Rows };
        var task = Task(options, s_point, new GaussianProcess(KnownSchedules.Edm));
        using var rows = Data(s_point, task.Layout);
        TensorLeak.AssertNone(() =>
        {
            var exception = Assert.ThrowsExactly<InvalidDataException>(() => Gradient(() => new DenoisingLearner(task, options), rows, 3, 1));
            Assert.Contains(nameof(FailingObjective), exception.StackTrace!);
        });
    }

    private static void AssertParts(string name, DenoiserTrainer.Options options, DataShape shape, IForwardProcess? process = null)
    {
        var task = Task(options, shape, process ?? new GaussianProcess(KnownSchedules.Edm));
        using var rows = Data(shape, task.Layout);
        AssertParts(name, () => new DenoisingLearner(task, options), rows, options.GradientAccumulation);
    }

    private static void AssertParts(string name, Func<Learner> start, SampleBuffer rows, int batches)
    {
        var (whole, loss) = Gradient(start, rows, 1, batches);
        Assert.IsGreaterThan(0, whole.Max(Math.Abs), name);
        // Equal parts, unequal ones, and one for each row.
        foreach (int count in new[] { 2, 3, Rows })
        {
            var (parts, lossOfParts) = Gradient(start, rows, count, batches);
            Assert.IsLessThan(Tolerance, Distance(whole, parts), $"{name} in {count} parts");
            Assert.AreEqual(loss, lossOfParts, Tolerance * Math.Abs(loss), $"{name} in {count} parts");
        }
    }

    // Of two steps, so that what is learned of levels counts in the second.
    private static (float[] Gradient, double Loss) Gradient(Func<Learner> start, SampleBuffer rows, int parts, int batches)
    {
        using var learner = start();
        using var gradient = new BatchGradient(learner, parts);
        double loss = 0;
        var source = learner.Batches(rows);
        for (int step = 0; step < 2; step++)
        {
            gradient.Zero();
            loss = 0;
            for (int i = 0; i < batches; i++)
            {
                // A self-conditioned network has its estimate in half of all batches.
                using var batch = source.Batch(step * batches + i) with { Estimates = step == 1 };
                loss += gradient.Add(batch, 1.0 / batches, 0.5);
            }
            gradient.Collect();
            // The output layer starts at zero, behind which no gradient comes: a move makes the second step one of all layers.
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            if (step == 0)
                learner.Parameters.Master.copy_(Start(learner.Parameters.Length));
            learner.Parameters.PublishWeights();
        }
        return (learner.Parameters.Gradients.data<float>().ToArray(), loss);
    }

    private static Tensor Start(long length)
    {
        var values = new float[length];
        RowNoise.FillNormal(values, 5, new RowKey(1), 0);
        return tensor(values.Select(value => 0.1f * value).ToArray());
    }

    private static double Distance(float[] expected, float[] actual)
        => Math.Sqrt(expected.Zip(actual, (a, b) => ((double)a - b) * ((double)a - b)).Sum() / expected.Sum(value => (double)value * value));

    private static DenoisingTask Task(DenoiserTrainer.Options options, DataShape shape, IForwardProcess process) => new(
        options.Network!, options.Parameterization ?? new EdmParameterization(), shape, s_classes, process, CPU, options.Precision.Resolve(CPU), 1, KnownLevelInputs.LogRatio);

    private static SampleBuffer Data(DataShape shape, ConditionLayout layout)
    {
        var buffer = new SampleBuffer(shape.Size, layout.Width);
        for (int i = 0; i < 30; i++)
        {
            long row = buffer.Add();
            RowNoise.FillNormal(buffer.Sample(row), 3, new RowKey((ulong)i), 0);
            layout.WriteMissing(buffer.Conditions(row));
            buffer.Conditions(row)[0] = 1 + i % 3;
        }
        return buffer;
    }

    private sealed class FailingObjective : Objective
    {
        public override Tensor LossOfRows(ObjectiveBatch batch)
        {
            using var x = batch.Corrupt(batch.Levels);
            var answer = batch.Network(x, batch.Levels);
            // The last of three parts of ten rows has four.
            if (x.size(0) == 4)
                throw new InvalidDataException("No loss.");
            using (answer)
                return answer.mean([1]);
        }
    }
}
