using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Asks something about rows in batches, each at its own level.</summary>
/// <param name="ask">Answers a batch [B, ...] and its levels with a vector a row, [B, width]: a fresh tensor.</param>
/// <param name="width">The length of the vectors.</param>
/// <param name="device">Where it is asked.</param>
/// <param name="rows">The places for the rows.</param>
/// <param name="size">Their number.</param>
internal class NoisyRun(Func<Tensor, NoiseLevels, Tensor> ask, int width, Device device, NoisyRows rows, int size) : BatchRun
{
    private readonly float[] _vectors = new float[size * width];

    public override void Load(int place) => rows.Load(place);

    public override void Compute(int count)
    {
        using var noGrad = no_grad();
        using var x = rows.ToTensor(device);
        using var vectors = ask(x, rows.Levels);
        using var wide = vectors.to(float32);
        using var host = wide.cpu();
        MemoryMarshal.Cast<byte, float>(host.bytes).CopyTo(_vectors);
    }

    public override ReadOnlySpan<float> Result(int place) => _vectors.AsSpan(place * width, width);
}
