namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>How data is inverted. The solver is <see cref="KnownSolvers.Ddim"/> unless set: a deterministic one of single steps.</summary>
public sealed class InvertOptions : SamplingOptions
{
    /// <summary>How often each step's search for the noisier state is repeated unless another number is given.</summary>
    internal const int DefaultRefinements = 4;

    /// <summary>The defaults.</summary>
    public InvertOptions()
        : base(KnownSolvers.Ddim)
    {
    }

    /// <summary>
    /// How often each step's search for the noisier state is repeated, in [0, 1000]; 4 unless set. 0 is DDIM inversion as published, one evaluation a step; each
    /// refinement costs as much again, and brings back data nearer to what it was (docs/editing.md has figures).
    /// </summary>
    public int Refinements { get; set; } = DefaultRefinements;
}
