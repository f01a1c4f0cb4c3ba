using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The guided denoiser column.</summary>
internal sealed class GuidanceMap : RowMap
{
    private readonly DenoiserSpec _spec;
    private readonly ConditionLayout _before;
    private readonly ConditionLayout _after;
    private readonly DataViewSchema.Column _denoiser;
    private readonly RowInput?[] _roles;
    private readonly DataViewSchema.Column?[] _columns;
    private readonly int[] _inputs;

    /// <summary>A guidance on rows of a schema.</summary>
    /// <param name="handle">The denoiser before.</param>
    /// <param name="config">The guidance.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="inputs">The guidance's inputs.</param>
    /// <param name="roles">How each input is read from its column; null for an input that no column gives.</param>
    /// <param name="lifetime">How long the guidance may be used.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is of the wrong type.</exception>
    public GuidanceMap(DenoiserHandle handle, GuidanceConfig config, DataViewSchema schema, IReadOnlyList<GuidanceInput> inputs, RowInput?[] roles, Lifetime lifetime)
    {
        _spec = handle.Spec;
        _before = handle.Layout;
        _after = _before.Append(inputs.Select((input, i) => input with { IsGiven = roles[i] is not null }));
        _denoiser = schema[config.DenoiserColumn];
        _roles = roles;
        _columns = [.. roles.Select(role => role?.Find(schema, _spec.Shape))];
        _inputs = [_denoiser.Index, .. roles.SelectMany(role => role?.InputsOf(schema) ?? [])];
        var guided = handle with
        {
            Denoiser = new LivingDenoiser(config.Guidance.Guide(handle.Denoiser, _before.Slots.Count), lifetime),
            Layout = _after,
            Recurrence = Math.Max(handle.Recurrence, config.Guidance.Recurrence),
        };
        Outputs = [guided.ToColumn(config.DenoiserColumn)];
    }

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    public override IEnumerable<int> InputsOf(int output) => _inputs;

    public override Delegate MakeGetter(DataViewRow input, int output)
    {
        var before = new VectorReader(input, _denoiser);
        var bound = new BoundInput?[_roles.Length];
        for (int i = 0; i < bound.Length; i++)
            bound[i] = _roles[i]?.Bind(input, _columns[i]!.Value, _spec);
        var packed = new float[before.Size];
        int width = DenoiserHandle.ColumnWidth(_after);
        return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
        {
            before.Read(packed);
            var editor = VBufferEditor.Create(ref value, width);
            editor.Values.Clear();
            packed.AsSpan(0, _before.Width).CopyTo(editor.Values);
            for (int i = 0; i < bound.Length; i++)
            {
                int slot = _before.Slots.Count + i;
                var destination = editor.Values.Slice(_after.OffsetOf(slot), _after.Slots[slot].Width);
                if (bound[i] is { } role)
                {
                    role.Read(destination);
                    role.Encode(destination);
                }
                else
                {
                    destination.Fill(_after.Slots[slot].Missing);
                }
            }
            value = editor.Commit();
        });
    }
}
