using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Places for a batch of noisy rows in model space, each at its own level. Used by one thread; holds managed memory only.</summary>
internal sealed class NoisyRows
{
    private readonly DataShape _shape;
    private readonly IDataCodec _codec;
    private readonly VectorReader _data;
    private readonly VectorReader? _level;
    private readonly int _size;
    private readonly float[] _values;
    private readonly float[] _levelRow = new float[LevelColumn.Size];
    private readonly NoiseLevel[] _levels;
    private readonly double[]? _times;

    /// <summary>Places for rows.</summary>
    /// <param name="shape">The shape of a sample.</param>
    /// <param name="codec">The way to model space.</param>
    /// <param name="data">Reads the data.</param>
    /// <param name="level">Reads its level; null where all rows are at <paramref name="clean"/>.</param>
    /// <param name="clean">The level of rows whose level is not read, and of padding.</param>
    /// <param name="size">The number of places.</param>
    public NoisyRows(DataShape shape, IDataCodec codec, VectorReader data, VectorReader? level, NoiseLevel clean, int size)
    {
        (_shape, _codec, _data, _level, _size) = (shape, codec, data, level, size);
        _values = new float[size * shape.Size];
        _levels = new NoiseLevel[size];
        _times = level is null ? null : new double[size];
        Array.Fill(_levels, clean);
    }

    /// <summary>The levels of the places.</summary>
    public NoiseLevels Levels => _times is null ? new NoiseLevels(_levels) : new NoiseLevels(_levels, _times);

    /// <summary>The values of a place.</summary>
    public Span<float> Row(int place) => _values.AsSpan(place * _shape.Size, _shape.Size);

    /// <summary>The values of all places.</summary>
    public Span<float> Values => _values;

    /// <summary>Reads the current row into a place.</summary>
    public void Load(int place)
    {
        var row = Row(place);
        _data.Read(row);
        _codec.Encode(row);
        if (_level is null)
            return;
        _level.Read(_levelRow);
        _times![place] = _levelRow[LevelColumn.Time];
        _levels[place] = new NoiseLevel(_levelRow[LevelColumn.Alpha], _levelRow[LevelColumn.Sigma]);
    }

    /// <summary>The places as a batch [B, ...], a fresh tensor.</summary>
    public Tensor ToTensor(Device device)
    {
        using var host = tensor(_values, _shape.Batch(_size));
        return host.to(device, copy: true);
    }
}
