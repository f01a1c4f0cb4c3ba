using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>A network that learns to classify noisy data.</summary>
internal sealed class ClassifyingLearner : Learner
{
    private const string Accuracy = "accuracy";

    private readonly NoisyNetwork _network;

    /// <summary>A network at the start of its run.</summary>
    /// <param name="task">What is to be trained.</param>
    /// <param name="options">How.</param>
    public ClassifyingLearner(ClassifyingTask task, TrainerOptions options)
        : base(task, options, task.FirstWeights()) => _network = task.Bind(Parameters);

    /// <inheritdoc/>
    public override bool HasScores => true;

    /// <inheritdoc/>
    public override Tensor LossOfRows(TrainingBatch batch, NoiseLevels levels, RowNoise? dropout, double fraction)
    {
        using var logits = Logits(batch, levels, dropout);
        return CrossEntropy.OfRows(logits, Labels(batch));
    }

    /// <inheritdoc/>
    public override RowMeasures Measure(TrainingBatch batch, NoiseLevels levels, double fraction)
    {
        using var logits = Logits(batch, levels, dropout: null);
        int[] labels = Labels(batch);
        using var losses = CrossEntropy.OfRows(logits, labels);
        using var likeliest = logits.argmax(1);
        using var host = likeliest.cpu();
        var found = host.data<long>().ToArray();
        return new RowMeasures(Host(losses), [(Accuracy, [.. found.Select((label, row) => label == labels[row] ? 1f : 0f)])]);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _network.Trained.Dispose();
        base.Dispose();
    }

    private Tensor Logits(TrainingBatch batch, NoiseLevels levels, RowNoise? dropout)
    {
        using var x = Task.Process.Corrupt(batch.X0, batch.Latent, levels);
        return _network.Answer(x, levels, dropout);
    }

    // Keys count from 1, and rows without one were left out.
    private static int[] Labels(TrainingBatch batch) => [.. batch.Conditions!.data<float>().Select(label => (int)label - 1)];
}
