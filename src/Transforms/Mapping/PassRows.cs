namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The rows of a pass.</summary>
/// <param name="Run">Computes them.</param>
/// <param name="Place">Computes the batch where that has not been done, and gives the place of the current row.</param>
internal sealed record PassRows(BatchRun Run, Func<int> Place)
{
    /// <summary>What reads an output.</summary>
    public Delegate MakeGetter(int output) => Run.MakeGetter(output, Place);
}
