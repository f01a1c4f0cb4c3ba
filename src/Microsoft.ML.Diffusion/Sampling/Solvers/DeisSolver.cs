namespace Microsoft.ML.Diffusion;

/// <summary>
/// DEIS in log ρ (Zhang and Chen 2023, arXiv:2204.13902, Algorithm 1 with eq. 15; diffusers' DEISMultistepScheduler): the probability-flow ODE with the
/// polynomial through the last noise estimates, in ln(σ/α), integrated exactly. Deterministic, one evaluation a step. The first steps are of as
/// high an order as the answers before them allow; a step that ends at clean data is of order 1.
/// </summary>
/// <remarks>Of order 2 it is <see cref="MultistepDpmSolver"/> on ε̂ with <see cref="SlopeRule.Exact"/>.</remarks>
/// <param name="order">The order, 1 to 3. 2 unless given; 1 is <see cref="DdimSolver"/>.</param>
public sealed class DeisSolver(int order = 2) : ISolver
{
    /// <summary>The order.</summary>
    public int Order { get; } = MultistepOrder.CheckRange(order);

    /// <summary>Whether orders fall to 1 at the end of runs of fewer than 15 steps, which is steadier. True unless set.</summary>
    public bool LowerOrderFinal { get; init; } = true;

    /// <inheritdoc/>
    public SamplingPlan Plan(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        var trace = new PlanTracer(grid);
        var x = trace.Start;
        var history = new EstimateHistory(grid);
        for (int i = 0; i < grid.Steps; i++)
        {
            var step = new ReverseSdeStep(grid.Levels[i], grid.Levels[i + 1], 0, SolverEstimate.Epsilon);
            x = trace.Store(x);
            var x0 = trace.Denoise(x, i);
            history.Add(step.Estimate(trace, x, x0));
            x = step.Mean(x, x0) + history.Interpolate(step, i, MultistepOrder.At(grid, i, Order, LowerOrderFinal));
        }
        return trace.Finish(x);
    }
}
