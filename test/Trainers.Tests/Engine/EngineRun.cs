using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>Trains without a pipeline.</summary>
internal sealed class EngineRun(DataShape shape, Func<int, float[]> sample, int rows, DenoiserTrainer.Options options, ConditionLayout? layout = null) : IDisposable
{
    public SampleBuffer Rows { get; } = Fill(shape, sample, rows, layout ?? ConditionLayout.Empty);

    public DenoisingTask Task { get; } = new(
        options.Network!, options.Parameterization ?? new EdmParameterization(), shape, layout ?? ConditionLayout.Empty,
        new GaussianProcess(KnownSchedules.Edm), CPU, options.Precision.Resolve(CPU), (ulong)(options.Seed ?? 0), options.LevelInput ?? KnownLevelInputs.LogRatio);

    public TrainingEngine Start() => new(new DenoisingLearner(Task, options), options, rows);

    /// <summary>Steps of training; the weights after them.</summary>
    public float[] Weights(int steps)
    {
        using var engine = Start();
        var source = Task.Batches(Rows, options);
        for (int i = 0; i < steps; i++)
        {
            using var batch = source.Batch(i);
            engine.Step(batch, options.LearningRate);
        }
        using var model = engine.Snapshot();
        return model.Master.data<float>().ToArray();
    }

    public void Dispose() => Rows.Dispose();

    private static SampleBuffer Fill(DataShape shape, Func<int, float[]> sample, int rows, ConditionLayout layout)
    {
        var buffer = new SampleBuffer(shape.Size, layout.Width);
        for (int i = 0; i < rows; i++)
        {
            long row = buffer.Add();
            sample(i).CopyTo(buffer.Sample(row));
            layout.WriteMissing(buffer.Conditions(row));
        }
        return buffer;
    }
}
