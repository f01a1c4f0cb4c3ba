using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A <see cref="RowMap"/> with the schemas before and after: what ML.NET composes into prediction engines.</summary>
internal sealed class BoundMap : IRowToRowMapper
{
    public BoundMap(DataViewSchema inputSchema, RowMap map, Lifetime lifetime)
    {
        Lifetime = lifetime;
        // ML.NET compares by reference: the schema given must be the schema shown.
        InputSchema = inputSchema;
        Map = map;
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inputSchema);
        foreach (var output in map.Outputs)
            builder.AddColumn(output.Name, output.Type, output.Annotations);
        OutputSchema = builder.ToSchema();
    }

    /// <summary>How long the transformer may be used.</summary>
    public Lifetime Lifetime { get; }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public RowMap Map { get; }

    /// <summary>The index of an output of the map, where the column is one.</summary>
    public int? OutputOf(DataViewSchema.Column column) => column.Index < InputSchema.Count ? null : column.Index - InputSchema.Count;

    /// <summary>Which columns of the output schema are among those asked for.</summary>
    public bool[] ActiveColumns(IEnumerable<DataViewSchema.Column> columns)
    {
        var active = new bool[OutputSchema.Count];
        foreach (var column in columns)
        {
            if (column.Index >= active.Length || column.Name != OutputSchema[column.Index].Name)
                throw new ArgumentException($"Column '{column.Name}' (index {column.Index}) is not of this data's schema.", nameof(columns));
            active[column.Index] = true;
        }
        return active;
    }

    /// <summary>Computes a batch, unless the transformer was disposed or the computation is cancelled.</summary>
    /// <param name="run">The pass.</param>
    /// <param name="count">The number of places that were loaded.</param>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Compute(BatchRun run, int count)
    {
        SamplingCancellation.ThrowIfCancelled();
        using var computation = Lifetime.Enter();
        run.Compute(count);
    }

    /// <summary>The input columns that a selection of the outputs, and the active columns passed through, need.</summary>
    public IEnumerable<DataViewSchema.Column> InputsFor(bool[] active, bool passThrough, Func<int, bool> outputs)
    {
        var needed = new bool[InputSchema.Count];
        if (passThrough)
            active.AsSpan(0, needed.Length).CopyTo(needed);
        for (int output = 0; output < Map.Outputs.Count; output++)
            if (active[InputSchema.Count + output] && outputs(output))
                foreach (int input in Map.InputsOf(output))
                    needed[input] = true;
        return InputSchema.Where(column => needed[column.Index]);
    }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
        => InputsFor(ActiveColumns(dependingColumns), passThrough: true, _ => true);

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        Lifetime.ThrowIfEnded();
        if (!ReferenceEquals(input.Schema, InputSchema))
            throw new ArgumentException("The row's schema is not the one that this mapper was made for.", nameof(input));
        return new MappedRow(this, input, ActiveColumns(activeColumns));
    }
}
