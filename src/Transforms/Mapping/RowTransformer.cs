using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A transformer that adds columns to each row; the base of this library's transformers.</summary>
/// <remarks>
/// Thread safe. Works in pipelines and prediction engines; adds nothing to a row before it is read.
/// Saved by <see cref="MLContext.Model"/> like every transformer of ML.NET.
/// </remarks>
public abstract class RowTransformer : ITransformer
{
    private protected RowTransformer(IHostEnvironment environment, string name)
    {
        ArgumentNullException.ThrowIfNull(environment);
        Host = environment.Register(name);
        Lifetime = new Lifetime(name, () => Release?.Invoke());
    }

    internal IHost Host { get; }

    /// <summary>Which device a loaded model lacks, and what to do; null where it can be used.</summary>
    internal string? MissingDevice { get; init; }

    /// <summary>How long it may be used; transformers that own something end it in Dispose.</summary>
    internal Lifetime Lifetime { get; private set; }

    /// <summary>Releases what it owns, once nothing is computed with it any more.</summary>
    private protected Action? Release { get; init; }

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type; names it.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed, as prediction engines do with the model that they were made from; says so.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => BindChecked(inputSchema).OutputSchema;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type; names it.</exception>
    /// <exception cref="InvalidOperationException">The model was loaded for a GPU that is not there.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        CheckDevice();
        return new MappedView(BindChecked(input.Schema), input, GetType().Name);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type; names it.</exception>
    /// <exception cref="InvalidOperationException">The model was loaded for a GPU that is not there.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema)
    {
        CheckDevice();
        return BindChecked(inputSchema);
    }

    /// <summary>The same step for another model: each of them may be disposed, and the other goes on.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    internal RowTransformer Share()
    {
        var copy = (RowTransformer)MemberwiseClone();
        copy.Lifetime = Lifetime.Share();
        return copy;
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        using var computation = Lifetime.Enter();
        SaveModel(ctx);
    }

    private void CheckDevice()
    {
        if (MissingDevice is not null)
            throw new InvalidOperationException(MissingDevice);
    }

    private BoundMap BindChecked(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        Lifetime.ThrowIfEnded();
        return new BoundMap(inputSchema, Bind(inputSchema), Lifetime);
    }

    /// <summary>What is added to rows of a schema.</summary>
    private protected abstract RowMap Bind(DataViewSchema inputSchema);

    private protected abstract void SaveModel(ModelSaveContext context);
}
