using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Decodes latents in batches.</summary>
internal sealed class LatentDecoderRun(LatentDecoderTransformer decoder, VectorReader latents, int size, RowAgreement agreement)
    : NetworkRun(agreement, decoder.Model, decoder.Model.Shape.Size, size)
{
    private readonly int _size = size;
    private readonly float[] _latents = new float[size * latents.Size];

    public override void Load(int place) => latents.Read(_latents.AsSpan(place * latents.Size));

    protected override NetworkRows Gather(int count)
    {
        using var host = tensor(_latents, decoder.Model.LatentShape.Batch(_size));
        return new(host.to(decoder.Model.Parameters.Device, copy: true), null, ConditionLayout.Empty, null);
    }

    protected override Tensor Ask(NetworkRows rows) => decoder.Model.Decode(rows.X!);

    protected override void Finish(int place, Span<float> answer) => decoder.Pixels.DecodeSample(answer);
}
