using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>The weighted squared error of what the network predicts: <see cref="DenoisingObjective"/> at the level of each row.</summary>
public sealed class SimpleObjective : Objective
{
    /// <inheritdoc/>
    public override Tensor LossOfRows(ObjectiveBatch batch) => Ask(batch, static (objective, answer, x, x0, levels) => objective.LossOfRows(answer, x, x0, levels));

    /// <inheritdoc/>
    public override Tensor Loss(ObjectiveBatch batch) => Ask(batch, static (objective, answer, x, x0, levels) => objective.Loss(answer, x, x0, levels));

    private static Tensor Ask(ObjectiveBatch batch, Func<DenoisingObjective, Tensor, Tensor, Tensor, NoiseLevels, Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using var x = batch.Corrupt(batch.Levels);
        using var answer = batch.Network(x, batch.Levels);
        return loss(new DenoisingObjective(batch.Parameterization, batch.Weight), answer, x, batch.X0, batch.Levels);
    }
}
