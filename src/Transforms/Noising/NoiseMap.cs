using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The noised data and its level. Both derive from the seed and the row's id, so each is computed without the other.</summary>
internal sealed class NoiseMap : RowMap
{
    private const int NoisedOutput = 0;
    private const int TimeDraw = 0;
    private const int LatentDraw = 1;

    private readonly ForwardProcessInfo _info;
    private readonly ulong _seed;
    private readonly DataViewSchema.Column _source;

    public NoiseMap(ForwardProcessInfo info, ulong seed, DataViewSchema.Column source)
    {
        _info = info;
        _seed = seed;
        _source = source;
        var annotations = new DataViewSchema.Annotations.Builder();
        SingletonViewType<ForwardProcessInfo>.Add(annotations, ForwardProcessInfo.AnnotationKind, info);
        SlotNames.Add(annotations, info.SlotNames);
        Outputs =
        [
            new DataViewSchema.DetachedColumn(info.NoisedColumn, DataColumn.TypeOf(info.Shape), annotations.ToAnnotations()),
            LevelColumn.ToColumn(info.LevelColumn),
        ];
    }

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    public override IEnumerable<int> InputsOf(int output) => output == NoisedOutput ? [_source.Index] : [];

    public override Delegate MakeGetter(DataViewRow input, int output)
    {
        var id = input.GetIdGetter();
        return output == NoisedOutput ? Noised(new VectorReader(input, _source), id) : Level(id);
    }

    private ValueGetter<VBuffer<float>> Noised(VectorReader reader, ValueGetter<DataViewRowId> id)
    {
        var row = new float[_info.Shape.Size];
        return (ref VBuffer<float> value) =>
        {
            var key = KeyOf(id);
            reader.Read(row);
            _info.Codec.Encode(row);
            Corrupt(row, key);
            _info.Codec.Decode(row);
            var editor = VBufferEditor.Create(ref value, row.Length);
            row.CopyTo(editor.Values);
            value = editor.Commit();
        };
    }

    private ValueGetter<VBuffer<float>> Level(ValueGetter<DataViewRowId> id) => (ref VBuffer<float> value) =>
    {
        var (time, level) = Draw(KeyOf(id));
        var editor = VBufferEditor.Create(ref value, LevelColumn.Size);
        editor.Values[LevelColumn.Time] = (float)time;
        editor.Values[LevelColumn.Alpha] = (float)level.Alpha;
        editor.Values[LevelColumn.Sigma] = (float)level.Sigma;
        value = editor.Commit();
    };

    private void Corrupt(float[] row, RowKey key)
    {
        var (time, level) = Draw(key);
        using var noGrad = no_grad();
        using var x0 = tensor(row, _info.Shape.Batch(1));
        using var latent = _info.Process.DrawLatent(x0, new RowNoise(_seed, [key]), LatentDraw);
        using var x = _info.Process.Corrupt(x0, latent, new NoiseLevels(level, time));
        MemoryMarshal.Cast<byte, float>(x.bytes).CopyTo(row);
    }

    private (double Time, NoiseLevel Level) Draw(RowKey key)
    {
        // The middle of the generator's interval: u in (0, 1), never 0.
        Span<double> uniform = [0];
        RowNoise.FillUniform(uniform, _seed, key, TimeDraw);
        double time = _info.Process.Schedule.TrainingTime(uniform[0] + 1.0 / (1ul << 54));
        return (time, _info.Process.Schedule.At(time));
    }

    private static RowKey KeyOf(ValueGetter<DataViewRowId> getter)
    {
        DataViewRowId id = default;
        getter(ref id);
        return new RowKey(id.Low, id.High);
    }
}
