namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A column that a task reads beside the denoiser: what it may hold, and how it is read.</summary>
/// <param name="Column">The name of the column.</param>
internal abstract record RowInput(string Column)
{
    /// <summary>Whether NaN in any place makes all values of a row missing, NaN in every place, instead of an error.</summary>
    public bool MayMiss { get; init; }

    /// <summary>Checks the column of a schema shape.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or of the wrong type.</exception>
    public virtual void Check(SchemaShape shape) => VectorReader.Check(shape, Column);

    /// <summary>Finds the column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or of the wrong type or size.</exception>
    public virtual DataViewSchema.Column Find(DataViewSchema schema, DataShape shape) => DataColumn.Check(schema, Column, shape);

    /// <summary>The indices of the columns that are read: that of <see cref="Find"/>, and what else tells its values apart.</summary>
    /// <param name="schema">A schema in which the column was found.</param>
    public virtual IEnumerable<int> InputsOf(DataViewSchema schema) => [schema[Column].Index];

    /// <summary>What reads the column of a row.</summary>
    /// <param name="row">The row or cursor.</param>
    /// <param name="column">The column that was found.</param>
    /// <param name="spec">The model.</param>
    public abstract BoundInput Bind(DataViewRow row, DataViewSchema.Column column, DenoiserSpec spec);

    /// <summary>Whether a row's values are missing, as they may be; all of them are NaN then.</summary>
    private protected bool IsMissing(Span<float> values, int given)
    {
        if (!MayMiss || !values[..given].Contains(float.NaN))
            return false;
        values.Fill(float.NaN);
        return true;
    }

    /// <summary>Reads a vector of finite numbers.</summary>
    private protected void RequireFinite(DataViewRow row, VectorReader reader, Span<float> values)
    {
        reader.Read(values);
        for (int i = 0; i < values.Length; i++)
            if (!float.IsFinite(values[i]))
                throw Invalid(row, $"value {i} is {values[i]}, expected a finite number");
    }

    /// <summary>The error of a value.</summary>
    private protected InvalidOperationException Invalid(DataViewRow row, string what)
        => new($"Column '{Column}', row {row.Position}: {what}.");
}
