namespace Microsoft.ML.Diffusion;

/// <summary>
/// Euler's method on the probability-flow ODE dx = (α'·x̂0 + σ'·ε̂) dt (Song et al. 2021, arXiv:2011.13456, eq. 13; Karras et al. 2022,
/// arXiv:2206.00364, eq. 4), along the path of the grid's levels: k-diffusion's and EDM's on grids of noise ratios. Order 1.
/// </summary>
/// <param name="churn">Noise added before each step; none unless given.</param>
public sealed class EulerSolver(StochasticChurn? churn = null) : ISolver
{
    /// <summary>Noise added before each step; null for none.</summary>
    public StochasticChurn? Churn { get; } = churn;

    /// <inheritdoc/>
    public SamplingPlan Plan(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        var trace = new PlanTracer(grid);
        var x = trace.Start;
        for (int i = 0; i < grid.Steps; i++)
        {
            var from = Churn?.Apply(trace, grid, i, ref x) ?? grid.Point(i);
            var path = new LevelPath(grid, from, i + 1);
            x = KnownTableaus.Euler.Advance(trace, path, trace.Store(x));
        }
        return trace.Finish(x);
    }
}
