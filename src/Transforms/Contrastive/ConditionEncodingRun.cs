using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Encodes conditions in batches; the vector of a row without conditions is NaN.</summary>
internal sealed class ConditionEncodingRun(TrainedConditionEncoder encoder, Device device, RowWriter pack, int size) : BatchRun
{
    private readonly int _width = encoder.Layout.Width;
    private readonly float[] _conditions = new float[size * encoder.Layout.Width];
    private readonly float[] _vectors = new float[size * encoder.Size];

    public override void Load(int place) => pack(_conditions.AsSpan(place * _width, _width));

    public override void Compute(int count)
    {
        // What lies in the places that were not loaded is of an earlier batch, or, at the start, no vector of the encoder's.
        for (int place = count; place < size; place++)
            encoder.Layout.WriteMissing(_conditions.AsSpan(place * _width, _width));
        using var noGrad = no_grad();
        using var packed = PackedConditions.ToTensor(encoder.Layout, _conditions, size, device);
        using var vectors = encoder.Embed(new Conditioning(encoder.Layout, packed));
        using var host = vectors.cpu();
        MemoryMarshal.Cast<byte, float>(host.bytes).CopyTo(_vectors);
        for (int place = 0; place < count; place++)
            if (encoder.Layout.IsMissing(_conditions.AsSpan(place * _width, _width)))
                _vectors.AsSpan(place * encoder.Size, encoder.Size).Fill(float.NaN);
    }

    public override ReadOnlySpan<float> Result(int place) => _vectors.AsSpan(place * encoder.Size, encoder.Size);
}
