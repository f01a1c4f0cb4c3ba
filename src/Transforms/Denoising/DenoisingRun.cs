using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Denoises noised rows in batches, each row at its own level.</summary>
internal sealed class DenoisingRun : BatchRun
{
    private readonly DenoiserModel _model;
    private readonly VectorReader _noised;
    private readonly VectorReader _level;
    private readonly RowWriter _pack;
    private readonly int _size;
    private readonly int _width;
    private readonly float[] _rows;
    private readonly float[] _conditions;
    private readonly float[] _levelRow;
    private readonly NoiseLevel[] _levels;
    private readonly double[] _times;

    public DenoisingRun(DenoiserModel model, VectorReader noised, VectorReader level, RowWriter pack, int size)
    {
        _model = model;
        _noised = noised;
        _level = level;
        _pack = pack;
        _size = size;
        _width = model.Spec.Shape.Size;
        _rows = new float[size * _width];
        _conditions = new float[size * model.Spec.Conditions.Width];
        _levelRow = new float[level.Size];
        _levels = new NoiseLevel[size];
        _times = new double[size];
        // Padding: any level at which every denoiser is defined.
        Array.Fill(_levels, new NoiseLevel(1, 1));
    }

    public override void Load(int place)
    {
        var row = _rows.AsSpan(place * _width, _width);
        _noised.Read(row);
        _model.Spec.Codec.Encode(row);
        _pack(_conditions.AsSpan(place * _model.Spec.Conditions.Width, _model.Spec.Conditions.Width));
        _level.Read(_levelRow);
        _times[place] = _levelRow[LevelColumn.Time];
        _levels[place] = new NoiseLevel(_levelRow[LevelColumn.Alpha], _levelRow[LevelColumn.Sigma]);
    }

    public override void Compute(int count)
    {
        using var noGrad = no_grad();
        using var host = tensor(_rows, _model.Spec.Shape.Batch(_size));
        using var x = host.to(_model.Device, copy: true);
        using var packed = PackedConditions.ToTensor(_model.Spec.Conditions, _conditions, _size, _model.Device);
        var answer = _model.Denoiser.Denoise(x, new StepContext(new NoiseLevels(_levels, _times)), new Conditioning(_model.Spec.Conditions, packed));
        answer.LogVariance?.Dispose();
        using var x0 = answer.X0;
        using var wide = x0.to(float32);
        using var result = wide.cpu();
        MemoryMarshal.Cast<byte, float>(result.bytes).CopyTo(_rows);
        for (int place = 0; place < count; place++)
            _model.Spec.Codec.Decode(_rows.AsSpan(place * _width, _width));
    }

    public override ReadOnlySpan<float> Result(int place) => _rows.AsSpan(place * _width, _width);
}
