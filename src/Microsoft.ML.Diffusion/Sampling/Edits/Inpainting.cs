namespace Microsoft.ML.Diffusion;

/// <summary>
/// Fills a region of a source with any solver. Replacement (Song et al. 2021, arXiv:2011.13456, appendix I.2): wherever a step ends, the known
/// region becomes the source, noised afresh to the level there. With <see cref="Resampling"/> RePaint (Lugmayr et al. 2022,
/// arXiv:2201.09865, Algorithm 1), which harmonises the two regions.
/// </summary>
public static class Inpainting
{
    /// <summary>The plan.</summary>
    /// <param name="solver">The solver. RePaint's authors use DDPM's ancestral sampling: its own noise also harmonises.</param>
    /// <param name="grid">The grid.</param>
    /// <param name="resampling">Which stretches of the run are repeated; none unless given.</param>
    /// <returns>
    /// A plan that starts from the prior's noise, with two inputs: the mask, 1 where the sample is made and 0 where the source is kept, and the source in
    /// model space. Its draws begin with the solver's own.
    /// </returns>
    public static SamplingPlan Plan(ISolver solver, TimeGrid grid, Resampling? resampling = null)
    {
        ArgumentNullException.ThrowIfNull(solver);
        ArgumentNullException.ThrowIfNull(grid);
        var trace = new PlanTracer(grid);
        LinearExpression mask = trace.Input(), source = trace.Input(), x = trace.Start;

        // Algorithm 1, lines 4 and 8.
        LinearExpression KeepKnown(LinearExpression state, NoiseLevel level)
            => trace.Blend(mask, state, level.Sigma > 0 ? level.Alpha * source + level.Sigma * trace.Noise() : source);

        if (resampling is null)
            return trace.Finish(trace.Append(solver.Plan(grid), x, KeepKnown));
        foreach (var (from, to) in resampling.Walk(grid.Steps))
            x = from < to ? trace.Append(solver.Plan(grid.Slice(from, to)), x, KeepKnown) : resampling.Renoise(trace, grid, x, from, to);
        return trace.Finish(x);
    }
}
