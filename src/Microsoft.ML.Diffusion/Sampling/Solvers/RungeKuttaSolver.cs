namespace Microsoft.ML.Diffusion;

/// <summary>
/// An explicit Runge–Kutta method on the probability-flow ODE along the path of the grid's levels: on grids of (1 − t, t) the fixed-step
/// solvers of flow matching (Lipman et al. 2023, arXiv:2210.02747, appendix E; torchdiffeq's). As many evaluations a step as stages.
/// </summary>
/// <remarks>
/// A step that ends at clean data is one of Euler's where the method has a stage at its end, for ε̂ is not defined there.
/// <see cref="HeunSolver"/> is EDM's, which takes Euler's for the last step always and can churn.
/// </remarks>
/// <param name="tableau">The method; see <see cref="KnownTableaus"/>.</param>
public sealed class RungeKuttaSolver(ButcherTableau tableau) : ISolver
{
    /// <summary>The method.</summary>
    public ButcherTableau Tableau { get; } = tableau ?? throw new ArgumentNullException(nameof(tableau));

    /// <inheritdoc/>
    public SamplingPlan Plan(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        var trace = new PlanTracer(grid);
        bool reachesEnd = Tableau.Nodes.Contains(1);
        var x = trace.Start;
        for (int i = 0; i < grid.Steps; i++)
        {
            var path = new LevelPath(grid, grid.Point(i), i + 1);
            x = (path.EndsClean && reachesEnd ? KnownTableaus.Euler : Tableau).Advance(trace, path, trace.Store(x));
        }
        return trace.Finish(x);
    }
}
