using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>The loss of a batch under parameters: what one thread asks.</summary>
internal interface IBatchLoss : IDisposable
{
    /// <summary>The parameters, to which gradients flow.</summary>
    FlatParameters Parameters { get; }

    /// <summary>The loss of each row: [B], Float32, through which gradients flow to the parameters; a fresh tensor.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="levels">The noise level of each row.</param>
    /// <param name="dropout">The rows' noise for dropout; null for none.</param>
    /// <param name="fraction">How much of the run is done.</param>
    Tensor LossOfRows(TrainingBatch batch, NoiseLevels levels, RowNoise? dropout, double fraction);

    /// <summary>The loss of a batch, the mean over its rows: a scalar.</summary>
    /// <inheritdoc cref="LossOfRows" path="/param"/>
    Tensor Loss(TrainingBatch batch, NoiseLevels levels, RowNoise? dropout, double fraction)
    {
        using var rows = LossOfRows(batch, levels, dropout, fraction);
        return rows.mean();
    }
}
