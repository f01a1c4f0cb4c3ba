using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Asks something about rows in batches, each at its own level.</summary>
/// <param name="ask">Answers a batch [B, ...] and its levels with a vector a row, [B, width]: a fresh tensor.</param>
/// <param name="model">What is asked.</param>
/// <param name="width">The length of the vectors.</param>
/// <param name="device">Where it is asked.</param>
/// <param name="rows">The places for the rows.</param>
/// <param name="size">Their number.</param>
/// <param name="agreement">How few rows it may be asked for.</param>
internal class NoisyRun(
    Func<Tensor, NoiseLevels, Tensor> ask, object model, int width, Device device, NoisyRows rows, int size, RowAgreement agreement)
    : NetworkRun(agreement, model, width, size)
{
    public override void Load(int place) => rows.Load(place);

    protected override NetworkRows Gather(int count) => new(rows.ToTensor(device), rows.Levels, ConditionLayout.Empty, null);

    protected override Tensor Ask(NetworkRows rows) => ask(rows.X!, rows.Levels!);
}
