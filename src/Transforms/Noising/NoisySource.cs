namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Where rows of noisy data come from: the noised column with its level where both are there, else the clean column.</summary>
/// <param name="Data">The column of data.</param>
/// <param name="Level">The column of its levels; null for clean data.</param>
internal sealed record NoisySource(DataViewSchema.Column Data, DataViewSchema.Column? Level)
{
    /// <summary>The indices of the columns that are read.</summary>
    public IEnumerable<int> Inputs => Level is { } level ? [Data.Index, level.Index] : [Data.Index];

    /// <summary>Finds the source in a schema.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="shape">The shape of a sample.</param>
    /// <param name="data">The name of the clean column.</param>
    /// <param name="noised">The name of the noised column.</param>
    /// <param name="level">The name of the level column.</param>
    /// <returns>Null where the schema has neither.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is of the wrong type or size.</exception>
    public static NoisySource? Find(DataViewSchema schema, DataShape shape, string data, string noised, string level)
    {
        if (schema.GetColumnOrNull(noised) is not null && schema.GetColumnOrNull(level) is not null)
            return new(DataColumn.Check(schema, noised, shape), DataColumn.Check(schema, level, LevelColumn.Shape));
        return schema.GetColumnOrNull(data) is null ? null : new(DataColumn.Check(schema, data, shape), null);
    }

    /// <summary>A buffer for batches of a row's or cursor's rows.</summary>
    public NoisyRows Bind(DataViewRow row, NoisyDataSpec spec, int size)
        => new(spec.Shape, spec.Codec, new VectorReader(row, Data), Level is { } level ? new VectorReader(row, level) : null, spec.Clean, size);
}
