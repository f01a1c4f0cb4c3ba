using Microsoft.ML.Diffusion.Trainers;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>The trainer's own engine, fed by the trainer's own queue of batches.</summary>
internal sealed class LibraryTraining : IDisposable
{
    private readonly TrainingEngine _engine;
    private readonly BatchQueue _queue;
    private readonly TrainingBatch _prepared;
    private readonly double _learningRate;

    public LibraryTraining(DenoisingTask task, SampleBuffer data, DenoiserTrainer.Options options, double learningRate)
    {
        _engine = new TrainingEngine(new DenoisingLearner(task, options), options, data.Count);
        _queue = new BatchQueue(task.Batches(data, options), task.Device);
        _prepared = task.Batches(data, options).Batch(0).OnDevice(task.Device);
        _learningRate = learningRate;
    }

    public LibraryTraining(NetworkPair pair, SampleBuffer data, DenoiserTrainer.Options options, Precision precision, double learningRate)
        : this(Task(NetworkPair.Network, pair.Shape, pair.Layout, CPU, precision), data, options, learningRate)
    {
    }

    public long ParameterCount => _engine.ParameterCount;

    public static DenoisingTask Task(Network network, DataShape shape, ConditionLayout layout, Device device, Precision precision)
        => new(network, new EdmParameterization(), shape, layout, new GaussianProcess(new EdmSchedule()), device, precision, Seed: 1, KnownLevelInputs.LogRatio);

    public void Step()
    {
        using var batch = _queue.Next();
        Step(batch);
    }

    /// <summary>A step whose batch lies ready: what loading costs is the difference.</summary>
    public void StepWithoutLoading() => Step(_prepared);

    /// <summary>What follows the gradient.</summary>
    public void Update() => _engine.Update(_learningRate);

    public void Dispose()
    {
        _queue.Dispose();
        _prepared.Dispose();
        _engine.Dispose();
    }

    private void Step(TrainingBatch batch)
    {
        if (!_engine.Step(batch, _learningRate).IsFinite)
            throw new InvalidOperationException("The loss is not finite.");
    }
}
