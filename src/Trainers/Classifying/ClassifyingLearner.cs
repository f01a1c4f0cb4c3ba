using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>A network that learns to classify noisy data.</summary>
internal sealed class ClassifyingLearner : Learner
{
    private const string Accuracy = "accuracy";

    private readonly ClassifyingTask _task;
    private readonly ClassifyingLoss _loss;

    /// <summary>A network at the start of its run.</summary>
    /// <param name="task">What is to be trained.</param>
    /// <param name="options">How.</param>
    public ClassifyingLearner(ClassifyingTask task, TrainerOptions options)
        : base(task, options, task.FirstWeights())
    {
        _task = task;
        _loss = new ClassifyingLoss(task, Parameters);
    }

    /// <inheritdoc/>
    public override bool HasScores => true;

    /// <inheritdoc/>
    public override bool TakesParts => !_task.Network.MixesRows;

    /// <inheritdoc/>
    public override long ProductsOfRow => _task.Network.ProductsOfRow(_task.Shape, ConditionLayout.Empty);

    /// <inheritdoc/>
    public override IBatchLoss Replica() => new ClassifyingLoss(_task, Parameters.Replica());

    /// <inheritdoc/>
    public override Tensor LossOfRows(TrainingBatch batch, NoiseLevels levels, RowNoise? dropout, double fraction) => _loss.LossOfRows(batch, levels, dropout, fraction);

    /// <inheritdoc/>
    public override RowMeasures Measure(TrainingBatch batch, NoiseLevels levels, double fraction)
    {
        using var logits = _loss.Logits(batch, levels, dropout: null);
        int[] labels = ClassifyingLoss.Labels(batch);
        using var losses = CrossEntropy.OfRows(logits, labels);
        using var likeliest = logits.argmax(1);
        using var host = likeliest.cpu();
        var found = host.data<long>().ToArray();
        return new RowMeasures(Host(losses), [(Accuracy, [.. found.Select((label, row) => label == labels[row] ? 1f : 0f)])]);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _loss.Dispose();
        base.Dispose();
    }
}
