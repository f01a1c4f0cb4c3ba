namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>What a transformer adds to rows of one schema: its output columns, what each reads, and how each is computed.</summary>
/// <remarks>Immutable and thread safe; the state of a pass lives in the getters and batch runs it makes.</remarks>
internal abstract class RowMap
{
    /// <summary>The columns that are added, in order.</summary>
    public abstract IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    /// <summary>The one output that is computed for many rows at once, if there is just one.</summary>
    public virtual int? BatchedOutput => null;

    /// <summary>The number of the pass that computes an output for many rows at once; null where it is computed row by row. Outputs of one pass are computed together.</summary>
    /// <param name="output">The index of the output.</param>
    public virtual int? PassOf(int output) => output == BatchedOutput ? 0 : null;

    /// <summary>How many rows <see cref="StartBatches(DataViewRow, int)"/> takes at once.</summary>
    public virtual int BatchSize => 1;

    /// <summary>The indices of the input columns that an output reads.</summary>
    /// <param name="output">The index of the output.</param>
    public abstract IEnumerable<int> InputsOf(int output);

    /// <summary>The <see cref="ValueGetter{TValue}"/> of an output that is computed row by row.</summary>
    /// <param name="input">The input row or cursor; the columns of <see cref="InputsOf"/> are active.</param>
    /// <param name="output">The index of the output; not a batched one.</param>
    public abstract Delegate MakeGetter(DataViewRow input, int output);

    /// <summary>Starts a pass of the one batched output.</summary>
    /// <param name="input">The input row or cursor; the columns of <see cref="InputsOf"/> are active.</param>
    /// <param name="size">The number of rows of a batch.</param>
    public virtual BatchRun StartBatches(DataViewRow input, int size)
        => throw new InvalidOperationException($"{GetType().Name} has no batched output.");

    /// <summary>Starts a pass.</summary>
    /// <param name="input">The input row or cursor; the columns of <see cref="InputsOf"/> are active.</param>
    /// <param name="size">The number of rows of a batch.</param>
    /// <param name="pass">Its number.</param>
    public virtual BatchRun StartBatches(DataViewRow input, int size, int pass) => StartBatches(input, size);
}
