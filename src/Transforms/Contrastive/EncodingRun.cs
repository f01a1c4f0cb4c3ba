using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Encodes rows in batches, each at its own level.</summary>
internal sealed class EncodingRun(IEncoder encoder, Device device, NoisyRows rows, int size) : BatchRun
{
    private readonly float[] _vectors = new float[size * encoder.Size];

    public override void Load(int place) => rows.Load(place);

    public override void Compute(int count)
    {
        using var noGrad = no_grad();
        using var x = rows.ToTensor(device);
        using var vectors = encoder.Embed(x, rows.Levels);
        using var wide = vectors.to(float32);
        using var host = wide.cpu();
        MemoryMarshal.Cast<byte, float>(host.bytes).CopyTo(_vectors);
    }

    public override ReadOnlySpan<float> Result(int place) => _vectors.AsSpan(place * encoder.Size, encoder.Size);
}
