namespace Microsoft.ML.Diffusion;

/// <summary>The slope of the probability-flow ODE.</summary>
internal static class OdeSlope
{
    /// <summary>α'·x̂0 + σ'·ε̂ with ε̂ = (x − α·x̂0)/σ, by the fraction of a step.</summary>
    /// <param name="path">How the level moves during the step.</param>
    /// <param name="fraction">Where in the step, from 0 to 1.</param>
    /// <param name="x">The state there.</param>
    /// <param name="x0">The denoiser's estimate there.</param>
    public static LinearExpression Of(in LevelPath path, double fraction, LinearExpression x, LinearExpression x0)
    {
        var (alpha, sigma) = path.At(fraction).Level;
        var velocity = path.Velocity(fraction);
        double noise = velocity.Sigma / sigma;
        return (velocity.Alpha - noise * alpha) * x0 + noise * x;
    }
}
