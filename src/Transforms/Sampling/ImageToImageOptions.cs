namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>How data is varied. The solver is <see cref="KnownSolvers.DpmSolverPlusPlus2M"/> unless set.</summary>
public sealed class ImageToImageOptions : SamplingOptions
{
    /// <summary>The defaults.</summary>
    public ImageToImageOptions()
        : base(KnownSolvers.DpmSolverPlusPlus2M)
    {
    }

    /// <summary>
    /// How much is made anew, in [0, 1]: the last ⌊Strength·Steps⌋ steps are done. 0 gives the row itself; 1 a sample that has not seen the row. 0.6 unless set.
    /// </summary>
    public double Strength { get; set; } = 0.6;

    /// <summary>
    /// The noise level to which the row is noised, instead of <see cref="Strength"/>; within the levels that sampling visits. Only its ratio σ/α counts:
    /// <c>NoiseLevel.FromRatio(0.8)</c>. None unless set.
    /// </summary>
    public NoiseLevel? Level { get; set; }
}
