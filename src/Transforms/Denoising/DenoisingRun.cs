using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Denoises noised rows in batches, each row at its own level.</summary>
internal sealed class DenoisingRun : NetworkRun
{
    // Padding: any level at which every denoiser is defined.
    private static readonly NoiseLevel s_padding = new(1, 1);

    private readonly DenoiserModel _model;
    private readonly NoisyRows _rows;
    private readonly RowWriter _pack;
    private readonly int _size;
    private readonly float[] _conditions;

    public DenoisingRun(DenoiserModel model, VectorReader noised, VectorReader level, RowWriter pack, int size, RowAgreement agreement)
        : base(agreement, model, model.Spec.Shape.Size, size)
    {
        _model = model;
        _rows = new NoisyRows(model.Spec.Shape, model.Spec.Codec, noised, level, s_padding, size);
        _pack = pack;
        _size = size;
        _conditions = new float[size * model.Spec.Conditions.Width];
    }

    public override void Load(int place)
    {
        _rows.Load(place);
        _pack(_conditions.AsSpan(place * _model.Spec.Conditions.Width, _model.Spec.Conditions.Width));
    }

    protected override NetworkRows Gather(int count)
    {
        var layout = _model.Spec.Conditions;
        return new(_rows.ToTensor(_model.Device), _rows.Levels, layout, PackedConditions.ToTensor(layout, _conditions, _size, _model.Device));
    }

    protected override Tensor Ask(NetworkRows rows)
    {
        var answer = _model.Denoiser.Denoise(rows.X!, new StepContext(rows.Levels!), rows.Condition);
        answer.LogVariance?.Dispose();
        return answer.X0;
    }

    protected override void Finish(int place, Span<float> answer) => _model.Spec.Codec.Decode(answer);
}
