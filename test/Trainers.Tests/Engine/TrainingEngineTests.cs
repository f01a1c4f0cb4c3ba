using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public class TrainingEngineTests
{
    private static readonly DataShape s_point = new(2);

    [TestMethod]
    public void Step_SameSeed_GivesTheSameWeightsToTheLastBit()
    {
        var options = Options();
        using var run = new EngineRun(s_point, Point, 100, options);
        float[] first = run.Weights(20);
        Assert.AreSequenceEqual(first, run.Weights(20));
        Assert.IsTrue(first.All(float.IsFinite));
    }

    [TestMethod]
    public void Step_OtherSeed_GivesOtherWeights()
    {
        using var run = new EngineRun(s_point, Point, 100, Options());
        var other = Options();
        other.Seed = 2;
        using var otherRun = new EngineRun(s_point, Point, 100, other);
        Assert.AreNotSequenceEqual(run.Weights(3), otherRun.Weights(3));
    }

    [TestMethod]
    public void Step_AndDispose_LeaveNoTensors()
    {
        using var run = new EngineRun(s_point, Point, 100, Options());
        _ = run.Weights(2);
        long before = TensorLeak.Count();
        _ = run.Weights(5);
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    [TestMethod]
    public void Step_InfiniteData_LeavesTheWeightsAlone()
    {
        var options = Options();
        using var run = new EngineRun(s_point, _ => [float.MaxValue, float.MaxValue], 100, options);
        using var engine = run.Start();
        using var before = engine.Snapshot();
        using var batch = run.Task.Batches(run.Rows, options).Batch(0);
        Assert.IsFalse(engine.Step(batch, 1e-3).IsFinite);
        using var after = engine.Snapshot();
        Assert.AreSequenceEqual(before.Master.data<float>().ToArray(), after.Master.data<float>().ToArray());
    }

    [TestMethod]
    public void Step_UnderNoGrad_StillTrainsAndRestoresIt()
    {
        var options = Options();
        using var run = new EngineRun(s_point, Point, 100, options);
        float[] expected = run.Weights(3);
        using var noGrad = no_grad();
        Assert.AreSequenceEqual(expected, run.Weights(3));
        Assert.IsFalse(is_grad_enabled());
    }

    [TestMethod]
    public void Validate_Repeated_GivesTheSameLossAndChangesNothing()
    {
        var options = Options();
        using var run = new EngineRun(s_point, Point, 100, options);
        float[] expected = run.Weights(4);
        using var engine = run.Start();
        var source = run.Task.Batches(run.Rows, options);
        for (int i = 0; i < 4; i++)
        {
            using var batch = source.Batch(i);
            engine.Step(batch, options.LearningRate);
            var validation = run.Task.ValidationBatches(run.Rows, options);
            Assert.AreEqual(engine.Validate(validation, 2).Mean, engine.Validate(validation, 2).Mean);
        }
        using var model = engine.Snapshot();
        Assert.AreSequenceEqual(expected, model.Master.data<float>().ToArray());
    }

    private static DenoiserTrainer.Options Options() => new()
    {
        Network = new ResidualMlp { Width = 16, Blocks = 1 },
        BatchSize = 16,
        Precision = Precision.Float32,
        Seed = 1,
    };

    private static float[] Point(int row) => [row % 2 == 0 ? 1 : -1, row % 10 * 0.1f];
}
