using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The guided denoiser column.</summary>
internal sealed class GuidanceMap : RowMap
{
    private readonly ConditionLayout _before;
    private readonly ConditionLayout _after;
    private readonly DataViewSchema.Column _denoiser;
    private readonly DataViewSchema.Column?[] _inputs;

    public GuidanceMap(DenoiserHandle handle, GuidanceConfig config, DataViewSchema.Column denoiser, DataViewSchema.Column?[] inputs)
    {
        _before = handle.Layout;
        _after = _before.Append(config.Inputs.Select(input => input.Input));
        _denoiser = denoiser;
        _inputs = inputs;
        var guided = handle with { Denoiser = config.Guidance.Guide(handle.Denoiser), Layout = _after };
        Outputs = [guided.ToColumn(config.DenoiserColumn)];
    }

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    public override IEnumerable<int> InputsOf(int output) => [_denoiser.Index, .. _inputs.Where(input => input is not null).Select(input => input!.Value.Index)];

    public override Delegate MakeGetter(DataViewRow input, int output)
    {
        var before = new VectorReader(input, _denoiser);
        var writers = new RowWriter?[_inputs.Length];
        for (int i = 0; i < writers.Length; i++)
            writers[i] = _inputs[i] is { } column ? SlotWriters.For(input, column, _after.Slots[_before.Slots.Count + i]) : null;
        var packed = new float[before.Size];
        int width = DenoiserHandle.ColumnWidth(_after);
        return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
        {
            before.Read(packed);
            var editor = VBufferEditor.Create(ref value, width);
            editor.Values.Clear();
            packed.AsSpan(0, _before.Width).CopyTo(editor.Values);
            for (int i = 0; i < writers.Length; i++)
            {
                int slot = _before.Slots.Count + i;
                var destination = editor.Values.Slice(_after.OffsetOf(slot), _after.Slots[slot].Width);
                if (writers[i] is { } write)
                    write(destination);
                else
                    destination.Fill(_after.Slots[slot].Missing);
            }
            value = editor.Commit();
        });
    }
}
