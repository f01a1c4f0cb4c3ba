using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>One pass of a batched output over rows: rows are loaded into places, computed together, and read one by one.</summary>
/// <remarks>Used by one thread. Holds managed memory only, so that nothing leaks from rows that are never disposed.</remarks>
internal abstract class BatchRun
{
    /// <summary>Reads the input's current row into a place of the batch.</summary>
    /// <param name="place">The place, below the size of the batch.</param>
    public abstract void Load(int place);

    /// <summary>Computes the batch.</summary>
    /// <param name="count">The number of places that were loaded; the others are padding.</param>
    public abstract void Compute(int count);

    /// <summary>The result of a place.</summary>
    /// <param name="place">The place.</param>
    public abstract ReadOnlySpan<float> Result(int place);

    /// <summary>The <see cref="ValueGetter{TValue}"/> of one of several columns.</summary>
    /// <param name="output">The index of the output.</param>
    /// <param name="place">Computes the batch where that has not been done, and gives the place of the current row.</param>
    public virtual Delegate MakeGetter(int output, Func<int> place) => MakeGetter(place);

    /// <summary>The <see cref="ValueGetter{TValue}"/> of the column: of vectors, unless the run makes scalars.</summary>
    /// <param name="place">Computes the batch where that has not been done, and gives the place of the current row.</param>
    public virtual Delegate MakeGetter(Func<int> place) => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
    {
        var result = Result(place());
        var editor = VBufferEditor.Create(ref value, result.Length);
        result.CopyTo(editor.Values);
        value = editor.Commit();
    });
}
