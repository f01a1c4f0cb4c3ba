namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// How regions are filled. The solver is <see cref="KnownSolvers.DdpmAncestral"/> unless set, whose noise lets the new region grow into the known one; with
/// <see cref="Resampling"/> it is RePaint.
/// </summary>
public sealed class InpaintOptions : SamplingOptions
{
    /// <summary>The defaults.</summary>
    public InpaintOptions()
        : base(KnownSolvers.DdpmAncestral)
    {
        Steps = 50;
    }

    /// <summary>RePaint's jumps, which harmonise both regions and cost about as many runs as their count; none unless set.</summary>
    public Resampling? Resampling { get; set; }
}
