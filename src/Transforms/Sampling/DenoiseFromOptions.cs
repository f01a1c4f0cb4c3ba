namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>How noisy data is denoised. The solver is <see cref="KnownSolvers.DpmSolverPlusPlus2M"/> unless set.</summary>
public sealed class DenoiseFromOptions : SamplingOptions
{
    /// <summary>The defaults.</summary>
    public DenoiseFromOptions()
        : base(KnownSolvers.DpmSolverPlusPlus2M)
    {
    }
}
