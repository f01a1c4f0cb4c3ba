namespace Microsoft.ML.Diffusion;

/// <summary>
/// Multistep consistency sampling (Song et al. 2023, arXiv:2303.01469, Algorithm 1; diffusers' LCMScheduler): each step goes to clean data in one and back
/// up to the next level with fresh noise. Stochastic, one evaluation a step, for consistency models and a handful of steps. Takes grids that start at pure noise.
/// </summary>
/// <param name="boundary">The boundary scalings, where the denoiser does not have them inside; none unless given.</param>
/// <param name="ratioMin">ε: the σ/α of what a consistency function answers; the noise of a step makes up for it. 0 unless given.</param>
public sealed class ConsistencySolver(ConsistencyBoundary? boundary = null, double ratioMin = 0) : ISolver
{
    /// <summary>The boundary scalings; null for none.</summary>
    public ConsistencyBoundary? Boundary { get; } = boundary;

    /// <summary>The σ/α of what a consistency function answers.</summary>
    public double RatioMin { get; } = ratioMin >= 0 && double.IsFinite(ratioMin)
        ? ratioMin
        : throw new ArgumentOutOfRangeException(nameof(ratioMin), ratioMin, "The smallest noise ratio must be in [0, ∞).");

    /// <inheritdoc/>
    public SamplingPlan Plan(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        var trace = new PlanTracer(grid);
        var x = trace.Start;
        for (int i = 0; i < grid.Steps; i++)
        {
            var (alpha, sigma) = grid.Levels[i + 1];
            // Algorithm 1: √(τ² − ε²), for α of any size.
            double fresh = Math.Sqrt(Math.Max(0, sigma * sigma - alpha * RatioMin * (alpha * RatioMin)));
            x = trace.Store(x);
            var x0 = trace.Denoise(x, i, fresh * fresh);
            x = alpha * (Boundary?.Apply(grid.Times[i], x, x0) ?? x0);
            if (fresh > 0)
                x += fresh * trace.Noise();
        }
        return trace.Finish(x);
    }
}
