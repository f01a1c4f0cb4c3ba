namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class BatchPartsTests
{
    [TestMethod]
    public void For_OptionThenCheckpointThenRule()
    {
        using var run = new EngineRun(new DataShape(2), _ => [0, 1], 10, new() { Network = new ResidualMlp { Width = 16, Blocks = 1 }, BatchSize = 8, Precision = Precision.Float32 });
        using var learner = new DenoisingLearner(run.Task, new() { BatchSize = 8 });
        Assert.IsTrue(learner.TakesParts);
        Assert.AreEqual(3, BatchParts.For(learner, new DenoiserTrainer.Options { BatchSize = 8, BatchParts = 3 }, 2, earlier: 5));
        Assert.AreEqual(5, BatchParts.For(learner, new DenoiserTrainer.Options { BatchSize = 8 }, 2, earlier: 5));
        Assert.AreEqual(1, BatchParts.For(learner, new DenoiserTrainer.Options { BatchSize = 8 }, 2), "a tiny network");
    }

    [TestMethod]
    [DataRow(1, true, DisplayName = "a batch that is too small for more than one thread")]
    [DataRow(2, true, DisplayName = "parts")]
    public void RunAlone_StepOfOneThreadEach(int parts, bool expected)
    {
        using var run = new EngineRun(new DataShape(2), _ => [0, 1], 10, new() { Network = new ResidualMlp { Width = 16, Blocks = 1 }, BatchSize = 8, Precision = Precision.Float32 });
        using var learner = new DenoisingLearner(run.Task, new() { BatchSize = 8 });
        Assert.AreEqual(expected, BatchParts.RunAlone(learner, parts));
        using var large = new DenoisingLearner(run.Task, new() { BatchSize = 1_000_000 });
        Assert.AreEqual(parts > 1, BatchParts.RunAlone(large, parts));
    }

    [TestMethod]
    public void For_ObjectiveThatComparesRows_IsNeverSplit()
    {
        var options = new DenoiserTrainer.Options { Network = new ResidualMlp { Width = 16, Blocks = 1 }, Objective = new Contrasting(), BatchSize = 8, Precision = Precision.Float32 };
        using var run = new EngineRun(new DataShape(2), _ => [0, 1], 10, options);
        using var learner = new DenoisingLearner(run.Task, options);
        Assert.IsFalse(learner.TakesParts);
        Assert.AreEqual(1, BatchParts.For(learner, options, 2));
        options.BatchParts = 2;
        Assert.Contains("BatchParts is 2", Assert.ThrowsExactly<ArgumentException>(() => BatchParts.For(learner, options, 2)).Message);
    }

    private sealed class Contrasting : Objective
    {
        public override bool ComparesRows => true;

        public override TorchSharp.torch.Tensor LossOfRows(ObjectiveBatch batch) => throw new NotSupportedException();
    }
}
