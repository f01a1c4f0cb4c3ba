namespace Microsoft.ML.Diffusion;

/// <summary>What a denoiser's answer says about the noise.</summary>
internal static class NoiseEstimate
{
    /// <summary>ε̂ = (x − α·x̂0)/σ.</summary>
    /// <param name="level">The level of the state; not clean.</param>
    /// <param name="x">The state.</param>
    /// <param name="x0">The denoiser's estimate x̂0.</param>
    public static LinearExpression Of(NoiseLevel level, LinearExpression x, LinearExpression x0) => (x - level.Alpha * x0) / level.Sigma;
}
