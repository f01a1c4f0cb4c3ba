using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Denoises noised rows in batches, each row at its own level.</summary>
internal sealed class DenoisingRun : BatchRun
{
    // Padding: any level at which every denoiser is defined.
    private static readonly NoiseLevel s_padding = new(1, 1);

    private readonly DenoiserModel _model;
    private readonly NoisyRows _rows;
    private readonly RowWriter _pack;
    private readonly int _size;
    private readonly float[] _conditions;

    public DenoisingRun(DenoiserModel model, VectorReader noised, VectorReader level, RowWriter pack, int size)
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

    public override void Compute(int count)
    {
        using var noGrad = no_grad();
        using var x = _rows.ToTensor(_model.Device);
        using var packed = PackedConditions.ToTensor(_model.Spec.Conditions, _conditions, _size, _model.Device);
        var answer = _model.Denoiser.Denoise(x, new StepContext(_rows.Levels), new Conditioning(_model.Spec.Conditions, packed));
        answer.LogVariance?.Dispose();
        using var x0 = answer.X0;
        using var wide = x0.to(float32);
        using var result = wide.cpu();
        MemoryMarshal.Cast<byte, float>(result.bytes).CopyTo(_rows.Values);
        for (int place = 0; place < count; place++)
            _model.Spec.Codec.Decode(_rows.Row(place));
    }

    public override ReadOnlySpan<float> Result(int place) => _rows.Row(place);
}
