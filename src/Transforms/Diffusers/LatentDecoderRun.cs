using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Decodes latents in batches of full size, so that a picture does not depend on its neighbours.</summary>
internal sealed class LatentDecoderRun(LatentDecoderTransformer decoder, VectorReader latents, int size) : BatchRun
{
    private readonly int _width = decoder.Model.Shape.Size;
    private readonly float[] _latents = new float[size * latents.Size];
    private readonly float[] _pictures = new float[size * decoder.Model.Shape.Size];

    public override void Load(int place) => latents.Read(_latents.AsSpan(place * latents.Size));

    public override void Compute(int count)
    {
        using var host = tensor(_latents, decoder.Model.LatentShape.Batch(size));
        using var input = host.to(decoder.Model.Parameters.Device, copy: true);
        using var decoded = decoder.Model.Decode(input);
        using var pictures = decoded.cpu();
        MemoryMarshal.Cast<byte, float>(pictures.bytes).CopyTo(_pictures);
        for (int place = 0; place < count; place++)
            decoder.Pixels.DecodeSample(_pictures.AsSpan(place * _width, _width));
    }

    public override ReadOnlySpan<float> Result(int place) => _pictures.AsSpan(place * _width, _width);
}
