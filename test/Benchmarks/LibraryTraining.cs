using System.Diagnostics;
using Microsoft.ML.Diffusion.Trainers;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>The trainer's own engine, fed by the trainer's own queue of batches.</summary>
internal sealed class LibraryTraining : IDisposable
{
    private readonly TrainingEngine _engine;
    private readonly BatchQueue _queue;
    private readonly BatchSource _source;
    private readonly Device _device;
    private readonly double _learningRate;
    private long _made;

    /// <summary>Training of a task; in the parts, and on the threads, that Fit would take unless given.</summary>
    public LibraryTraining(DenoisingTask task, SampleBuffer data, DenoiserTrainer.Options options, double learningRate, int? parts = null, bool? alone = null)
    {
        var learner = new DenoisingLearner(task, options);
        Count = parts ?? BatchParts.For(learner, options, get_num_threads());
        _engine = new TrainingEngine(learner, options, data.Count, Count, alone);
        _queue = new BatchQueue(task.Batches(data, options), task.Device);
        _source = task.Batches(data, options);
        _device = task.Device;
        _learningRate = learningRate;
    }

    public LibraryTraining(NetworkPair pair, SampleBuffer data, DenoiserTrainer.Options options, Precision precision, double learningRate, int? parts = null)
        : this(Task(NetworkPair.Network, pair.Shape, pair.Layout, CPU, precision), data, options, learningRate, parts)
    {
    }

    /// <summary>The number of parts of a batch.</summary>
    public int Count { get; }

    public long ParameterCount => _engine.ParameterCount;

    public static DenoisingTask Task(Network network, DataShape shape, ConditionLayout layout, Device device, Precision precision)
        => new(network, new EdmParameterization(), shape, layout, new GaussianProcess(new EdmSchedule()), device, precision, Seed: 1, KnownLevelInputs.LogRatio);

    /// <summary>How long steps have waited for their batches, and how long they took in all.</summary>
    public (TimeSpan Waiting, TimeSpan All) Spent { get; private set; }

    public void Step()
    {
        long start = Stopwatch.GetTimestamp();
        using var batch = _queue.Next();
        var waiting = Stopwatch.GetElapsedTime(start);
        if (!_engine.Step(batch, _learningRate).IsFinite)
            throw new InvalidOperationException("The loss is not finite.");
        Spent = (Spent.Waiting + waiting, Spent.All + Stopwatch.GetElapsedTime(start));
    }

    /// <summary>Makes a batch, as the queue does beside a step.</summary>
    public void MakeBatch() => _source.Batch(++_made).OnDevice(_device).Dispose();

    /// <summary>What follows the gradient.</summary>
    public void Update() => _engine.Update(_learningRate);

    public void Dispose()
    {
        _queue.Dispose();
        _engine.Dispose();
    }
}
