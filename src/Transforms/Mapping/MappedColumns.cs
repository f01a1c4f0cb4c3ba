namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The getters of a mapped row: those of the input for its columns, those of the map for the rest, made when asked for.</summary>
/// <param name="bound">The map.</param>
/// <param name="input">The input row or cursor.</param>
/// <param name="active">Which columns are.</param>
/// <param name="batches">Gives the rows of a pass in batches; null where they are computed one by one, as in a prediction engine.</param>
internal sealed class MappedColumns(BoundMap bound, DataViewRow input, bool[] active, Func<int, PassRows>? batches = null)
{
    private readonly Dictionary<int, PassRows> _single = [];
    private readonly Delegate?[] _getters = new Delegate?[bound.Map.Outputs.Count];

    public DataViewRow Input { get; } = input;

    public bool IsActive(DataViewSchema.Column column) => column.Index < active.Length && active[column.Index];

    public ValueGetter<TValue> Getter<TValue>(DataViewSchema.Column column)
    {
        if (!IsActive(column))
            throw new ArgumentException($"Column '{column.Name}' is not active: ask for it when opening the cursor.", nameof(column));
        if (bound.OutputOf(column) is not { } output)
            return Input.GetGetter<TValue>(bound.InputSchema[column.Index]);
        var getter = _getters[output] ??= bound.Map.PassOf(output) is not { } pass
            ? bound.Map.MakeGetter(Input, output)
            : batches?.Invoke(pass).MakeGetter(output) ?? OneByOne(pass).MakeGetter(output);
        return getter as ValueGetter<TValue>
            ?? throw new InvalidOperationException($"Column '{column.Name}' holds values of {column.Type.RawType}, not {typeof(TValue)}.");
    }

    // Batches of one row, computed once however often their values are read.
    private PassRows OneByOne(int pass)
    {
        if (_single.TryGetValue(pass, out var known))
            return known;
        var run = bound.Map.StartBatches(Input, 1, pass);
        long computed = -1;
        return _single[pass] = new PassRows(run, () =>
        {
            if (Input.Position < 0)
                throw new InvalidOperationException("There is no current row.");
            if (computed != Input.Position)
            {
                run.Load(0);
                bound.Compute(run, 1);
                computed = Input.Position;
            }
            return 0;
        });
    }
}
