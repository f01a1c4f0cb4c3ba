using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Two networks that learn to encode data and its conditions alike.</summary>
internal sealed class ContrastiveLearner : Learner
{
    private const string ConditionRetrieval = "retrieval of conditions", DataRetrieval = "retrieval of data";

    private readonly ContrastiveTask _task;
    private readonly NoisyEncoder _data;
    private readonly TrainedConditionEncoder _condition;

    /// <summary>Two networks at the start of their run.</summary>
    /// <param name="task">What is to be trained.</param>
    /// <param name="options">How.</param>
    /// <param name="levels">The noise levels of the data.</param>
    public ContrastiveLearner(ContrastiveTask task, TrainerOptions options, LevelDistribution levels)
        : base(task, options, task.FirstWeights(), levels)
    {
        _task = task;
        _data = task.DataEncoder(Parameters);
        _condition = task.ConditionEncoder(Parameters);
    }

    /// <inheritdoc/>
    public override bool HasScores => true;

    /// <inheritdoc/>
    public override Tensor LossOfRows(TrainingBatch batch, NoiseLevels levels, RowNoise? dropout, double fraction)
    {
        using var scope = NewDisposeScope();
        var (data, conditions) = Embed(batch, levels, dropout);
        return Loss(data, conditions, Groups(batch)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    /// <remarks>How many rows have their own conditions closest in the batch, and how many conditions their own rows.</remarks>
    public override RowMeasures Measure(TrainingBatch batch, NoiseLevels levels, double fraction)
    {
        using var scope = NewDisposeScope();
        var (data, conditions) = Embed(batch, levels, dropout: null);
        int[] groups = Groups(batch);
        var similarities = data.matmul(conditions.t());
        return new RowMeasures(Host(Loss(data, conditions, groups)), [(ConditionRetrieval, Found(similarities, groups)), (DataRetrieval, Found(similarities.t(), groups))]);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _data.NoisyNetwork.Trained.Dispose();
        _condition.Trained.Dispose();
        // The networks see parts, which own nothing.
        Parameters.Dispose();
        base.Dispose();
    }

    private (Tensor Data, Tensor Conditions) Embed(TrainingBatch batch, NoiseLevels levels, RowNoise? dropout)
    {
        var x = _task.Process.Corrupt(batch.X0, batch.Latent, levels);
        return (_data.Embed(x, levels, dropout), _condition.Embed(new Conditioning(_task.Layout, batch.Conditions), dropout));
    }

    private Tensor Loss(Tensor data, Tensor conditions, int[] groups) => ContrastiveLoss.OfRows(data, conditions, Parameters.Working(_task.LogScale), groups);

    private static float[] Found(Tensor similarities, int[] groups)
    {
        using var closest = similarities.argmax(1);
        using var host = closest.cpu();
        return [.. host.data<long>().Select((found, row) => groups[found] == groups[row] ? 1f : 0f)];
    }

    // Rows of the same conditions have the same number.
    private int[] Groups(TrainingBatch batch)
    {
        int width = _task.Layout.Width;
        var bytes = batch.Conditions!.bytes;
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var groups = new int[batch.X0.size(0)];
        for (int row = 0; row < groups.Length; row++)
        {
            string key = Convert.ToBase64String(bytes.Slice(row * width * sizeof(float), width * sizeof(float)));
            if (!numbers.TryGetValue(key, out groups[row]))
                numbers.Add(key, groups[row] = numbers.Count);
        }
        return groups;
    }
}
