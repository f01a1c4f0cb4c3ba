namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>What a transformer adds to rows of one schema: its output columns, what each reads, and how each is computed.</summary>
/// <remarks>Immutable and thread safe; the state of a pass lives in the getters and batch runs it makes.</remarks>
internal abstract class RowMap
{
    /// <summary>The columns that are added, in order.</summary>
    public abstract IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    /// <summary>The one output that is computed for many rows at once, if there is one.</summary>
    public virtual int? BatchedOutput => null;

    /// <summary>How many rows <see cref="StartBatches"/> takes at once.</summary>
    public virtual int BatchSize => 1;

    /// <summary>The indices of the input columns that an output reads.</summary>
    /// <param name="output">The index of the output.</param>
    public abstract IEnumerable<int> InputsOf(int output);

    /// <summary>The <see cref="ValueGetter{TValue}"/> of an output that is computed row by row.</summary>
    /// <param name="input">The input row or cursor; the columns of <see cref="InputsOf"/> are active.</param>
    /// <param name="output">The index of the output; not the batched one.</param>
    public abstract Delegate MakeGetter(DataViewRow input, int output);

    /// <summary>Starts a pass of the batched output.</summary>
    /// <param name="input">The input row or cursor; the columns of <see cref="InputsOf"/> are active.</param>
    /// <param name="size">The number of rows of a batch.</param>
    public virtual BatchRun StartBatches(DataViewRow input, int size)
        => throw new InvalidOperationException($"{GetType().Name} has no batched output.");
}
