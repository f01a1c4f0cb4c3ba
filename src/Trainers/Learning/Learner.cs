using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// What learns: its parameters, the batches it learns from, and the loss of one. All else that a run needs (optimizer, averages, checkpoints, budget) is the same for every learner.
/// </summary>
/// <param name="task">What is to be trained.</param>
/// <param name="options">How.</param>
/// <param name="parameters">The parameters at the start of the run; the derived class disposes them.</param>
/// <param name="levels">Which noise levels it learns from; those of the options where null.</param>
internal abstract class Learner(TrainingTask task, TrainerOptions options, FlatParameters parameters, LevelDistribution? levels = null) : IBatchLoss
{
    /// <summary>What is to be trained.</summary>
    public TrainingTask Task => task;

    /// <summary>The parameters, trainable.</summary>
    public FlatParameters Parameters => parameters;

    /// <summary>The number of rows of a batch.</summary>
    public int BatchSize => options.BatchSize;

    /// <summary>Draws the noise levels.</summary>
    public LevelSampler Levels { get; } = (levels ?? options.Levels).Start(task.Process.Schedule);

    /// <summary>Whether validation measures more than the loss.</summary>
    public virtual bool HasScores => false;

    /// <summary>What a step depends on beside parameters and levels, by name; not the caller's to dispose.</summary>
    public virtual IReadOnlyList<(string Name, Tensor Values)> State => [];

    /// <summary>The batches to learn from.</summary>
    /// <param name="rows">The training data.</param>
    public virtual BatchSource Batches(SampleBuffer rows) => task.PlainBatches(rows, options);

    /// <summary>The batches to validate on: other noise, and nothing that training makes up.</summary>
    /// <param name="rows">The validation data.</param>
    public virtual BatchSource ValidationBatches(SampleBuffer rows) => task.PlainValidationBatches(rows, options);

    /// <summary>
    /// Whether the loss of a batch is the mean of losses each of which depends on its row alone, so that the rows can be computed in parts: only a learner that says so, and makes replicas, is split.
    /// </summary>
    public virtual bool TakesParts => false;

    /// <summary>The number of products that a row's pass through the networks takes, as far as they tell.</summary>
    public virtual long ProductsOfRow => 0;

    /// <summary>The same loss under a replica of the parameters, for a thread of its own. The caller disposes it, before the learner.</summary>
    /// <exception cref="NotSupportedException">A batch can not be computed in parts.</exception>
    public virtual IBatchLoss Replica() => throw new NotSupportedException($"{GetType().Name} can not compute a batch in parts.");

    /// <inheritdoc/>
    public abstract Tensor LossOfRows(TrainingBatch batch, NoiseLevels levels, RowNoise? dropout, double fraction);

    /// <inheritdoc/>
    public virtual Tensor Loss(TrainingBatch batch, NoiseLevels levels, RowNoise? dropout, double fraction)
    {
        using var rows = LossOfRows(batch, levels, dropout, fraction);
        return rows.mean();
    }

    /// <summary>What validation measures of each row, without gradients: the loss, unless a learner measures more.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="levels">The noise level of each row.</param>
    /// <param name="fraction">How much of the run is done.</param>
    public virtual RowMeasures Measure(TrainingBatch batch, NoiseLevels levels, double fraction)
    {
        using var rows = LossOfRows(batch, levels, dropout: null, fraction);
        return new RowMeasures(Host(rows), []);
    }

    /// <summary>Told after each move of the parameters.</summary>
    /// <param name="fraction">How much of the run is done.</param>
    public virtual void OnMoved(double fraction)
    {
    }

    /// <summary>Told after values were written into <see cref="State"/>.</summary>
    public virtual void OnResumed()
    {
    }

    /// <inheritdoc/>
    public virtual void Dispose() => Levels.Dispose();

    /// <summary>The values of a tensor.</summary>
    private protected static float[] Host(Tensor values)
    {
        using var host = values.cpu();
        return host.data<float>().ToArray();
    }
}
