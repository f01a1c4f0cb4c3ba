using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>The cross entropy of a classifier that learns.</summary>
/// <param name="task">What is to be trained.</param>
/// <param name="parameters">The parameters, which this takes over.</param>
internal sealed class ClassifyingLoss(ClassifyingTask task, FlatParameters parameters) : IBatchLoss
{
    private readonly NoisyNetwork _network = task.Bind(parameters);

    /// <inheritdoc/>
    public FlatParameters Parameters => parameters;

    /// <inheritdoc/>
    public Tensor LossOfRows(TrainingBatch batch, NoiseLevels levels, RowNoise? dropout, double fraction)
    {
        using var logits = Logits(batch, levels, dropout);
        return CrossEntropy.OfRows(logits, Labels(batch));
    }

    /// <summary>The network's answer to a batch.</summary>
    public Tensor Logits(TrainingBatch batch, NoiseLevels levels, RowNoise? dropout)
    {
        using var x = task.Process.Corrupt(batch.X0, batch.Latent, levels);
        return _network.Answer(x, levels, dropout);
    }

    /// <summary>The classes of a batch, from 0: keys count from 1, and rows without one were left out.</summary>
    public static int[] Labels(TrainingBatch batch) => [.. batch.Conditions!.data<float>().Select(label => (int)label - 1)];

    /// <inheritdoc/>
    public void Dispose() => _network.Trained.Dispose();
}
