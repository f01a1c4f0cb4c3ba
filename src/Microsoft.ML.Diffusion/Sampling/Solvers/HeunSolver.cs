namespace Microsoft.ML.Diffusion;

/// <summary>
/// Heun's method on the probability-flow ODE (Karras et al. 2022, arXiv:2206.00364, Algorithms 1 to 3), along the path of the grid's levels.
/// Order 2, with two evaluations a step. A step that ends at clean data is one of Euler's, for ε̂ is not defined there.
/// </summary>
/// <param name="stage">
/// Where in a step the second evaluation lies (α of Algorithm 3), in (0, 1]: 1, Heun's method, unless given; 1/2 is the midpoint method and
/// 2/3 Ralston's.
/// </param>
/// <param name="churn">Noise added before each step; none unless given.</param>
public sealed class HeunSolver(double stage = 1, StochasticChurn? churn = null) : ISolver
{
    /// <summary>Where in a step the second evaluation lies.</summary>
    public double Stage { get; } = stage is > 0 and <= 1 ? stage : throw new ArgumentOutOfRangeException(nameof(stage), stage, "The stage must be in (0, 1].");

    /// <summary>Noise added before each step; null for none.</summary>
    public StochasticChurn? Churn { get; } = churn;

    /// <inheritdoc/>
    public SamplingPlan Plan(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        var trace = new PlanTracer(grid);
        var tableau = KnownTableaus.TwoStage(Stage);
        var x = trace.Start;
        for (int i = 0; i < grid.Steps; i++)
        {
            var from = Churn?.Apply(trace, grid, i, ref x) ?? grid.Point(i);
            var path = new LevelPath(grid, from, i + 1);
            // Algorithm 3, lines 5 to 11.
            x = (path.EndsClean ? KnownTableaus.Euler : tableau).Advance(trace, path, trace.Store(x));
        }
        return trace.Finish(x);
    }
}
