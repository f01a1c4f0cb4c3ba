using Microsoft.ML.Diffusion.Trainers;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>The trainer's own engine, fed by the trainer's own queue of batches.</summary>
internal sealed class LibraryTraining : IDisposable
{
    private readonly TrainingEngine _engine;
    private readonly BatchQueue _queue;
    private readonly double _learningRate;

    public LibraryTraining(NetworkPair pair, SampleBuffer data, DenoiserTrainer.Options options, Precision precision, double learningRate)
    {
        var task = new TrainingTask(NetworkPair.Network, pair.Library.Parameterization, pair.Shape, pair.Layout,
            new GaussianProcess(new EdmSchedule()), CPU, precision, Seed: 1, KnownLevelInputs.LogRatio);
        _engine = new TrainingEngine(task, options, data.Count);
        _queue = new BatchQueue(task.Batches(data, options));
        _learningRate = learningRate;
    }

    public void Step()
    {
        using var batch = _queue.Next();
        if (!_engine.Step(batch, _learningRate).IsFinite)
            throw new InvalidOperationException("The loss is not finite.");
    }

    /// <summary>What follows the gradient.</summary>
    public void Update() => _engine.Update(_learningRate);

    public void Dispose()
    {
        _queue.Dispose();
        _engine.Dispose();
    }
}
