namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The getters of a mapped row: those of the input for its columns, those of the map for the rest, made when asked for.</summary>
internal sealed class MappedColumns(BoundMap bound, DataViewRow input, bool[] active)
{
    private readonly Delegate?[] _getters = new Delegate?[bound.Map.Outputs.Count];

    public DataViewRow Input { get; } = input;

    public bool IsActive(DataViewSchema.Column column) => column.Index < active.Length && active[column.Index];

    public ValueGetter<TValue> Getter<TValue>(DataViewSchema.Column column, Func<Delegate>? batched = null)
    {
        if (!IsActive(column))
            throw new ArgumentException($"Column '{column.Name}' is not active: ask for it when opening the cursor.", nameof(column));
        if (bound.OutputOf(column) is not { } output)
            return Input.GetGetter<TValue>(bound.InputSchema[column.Index]);
        var getter = _getters[output] ??= output != bound.Map.BatchedOutput ? bound.Map.MakeGetter(Input, output)
            : batched is null ? OneByOne(bound.Map.StartBatches(Input, 1))
            : batched();
        return getter as ValueGetter<TValue>
            ?? throw new InvalidOperationException($"Column '{column.Name}' holds values of {column.Type.RawType}, not {typeof(TValue)}.");
    }

    // A prediction engine: batches of one row, computed once however often the value is read.
    private Delegate OneByOne(BatchRun run)
    {
        long computed = -1;
        return run.MakeGetter(() =>
        {
            if (Input.Position < 0)
                throw new InvalidOperationException("There is no current row.");
            if (computed != Input.Position)
            {
                run.Load(0);
                run.Compute(1);
                computed = Input.Position;
            }
            return 0;
        });
    }
}
