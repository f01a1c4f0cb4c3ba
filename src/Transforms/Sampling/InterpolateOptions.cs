namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>How data is interpolated. The solver is <see cref="KnownSolvers.Ddim"/> unless set: a deterministic one of single steps.</summary>
public sealed class InterpolateOptions : SamplingOptions
{
    /// <summary>The defaults.</summary>
    public InterpolateOptions()
        : base(KnownSolvers.Ddim)
    {
    }

    /// <summary>Whether latents are joined by the straight line instead of the great circle (slerp); false unless set.</summary>
    public bool Linear { get; set; }

    /// <summary>How often each step of the inversion is refined, in [0, 1000]; 4 unless set (see <see cref="InvertOptions.Refinements"/>).</summary>
    public int Refinements { get; set; } = InvertOptions.DefaultRefinements;

    /// <summary>
    /// Noise instead of inversion (Ho et al. 2020, arXiv:2006.11239, section 4.4): both rows are noised to the level from which this share of the steps remains,
    /// in (0, 1], mixed linearly and denoised, with any solver. Stochastic; what the noise hides is made anew. Inversion unless set.
    /// </summary>
    public double? Strength { get; set; }
}
