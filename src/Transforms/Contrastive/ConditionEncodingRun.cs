using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Encodes conditions in batches; the vector of a row without conditions is NaN.</summary>
internal sealed class ConditionEncodingRun(TrainedConditionEncoder encoder, Device device, RowWriter pack, int size, RowAgreement agreement)
    : NetworkRun(agreement, encoder, encoder.Size, size)
{
    private readonly int _size = size;
    private readonly int _width = encoder.Layout.Width;
    private readonly float[] _conditions = new float[size * encoder.Layout.Width];

    public override void Load(int place) => pack(Row(place));

    protected override NetworkRows Gather(int count)
    {
        // What lies in the places that were not loaded is of an earlier batch, or, at the start, no vector of the encoder's.
        for (int place = count; place < _size; place++)
            encoder.Layout.WriteMissing(Row(place));
        return new(null, null, encoder.Layout, PackedConditions.ToTensor(encoder.Layout, _conditions, _size, device));
    }

    protected override Tensor Ask(NetworkRows rows) => encoder.Embed(rows.Condition);

    protected override bool IsTelling(int place) => !encoder.Layout.IsMissing(Row(place));

    protected override void Finish(int place, Span<float> answer)
    {
        if (encoder.Layout.IsMissing(Row(place)))
            answer.Fill(float.NaN);
    }

    private Span<float> Row(int place) => _conditions.AsSpan(place * _width, _width);
}
