namespace Microsoft.ML.Diffusion;

/// <summary>Another solver with each estimate x̂0 within a limit: what the solver computes from it, ε̂ too, follows the limited one.</summary>
/// <param name="inner">The solver.</param>
/// <param name="limit">The limit.</param>
public sealed class LimitedSolver(ISolver inner, EstimateLimit limit) : ISolver
{
    /// <summary>The solver.</summary>
    public ISolver Inner { get; } = inner ?? throw new ArgumentNullException(nameof(inner));

    /// <summary>The limit.</summary>
    public EstimateLimit Limit { get; } = limit ?? throw new ArgumentNullException(nameof(limit));

    /// <inheritdoc/>
    public SamplingPlan Plan(TimeGrid grid)
    {
        var plan = Inner.Plan(grid);
        var trace = new PlanTracer(grid);
        return trace.Finish(new PlanCopy(trace, plan, trace.Start, null, Limit).Record());
    }
}
