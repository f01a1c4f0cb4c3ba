namespace Microsoft.ML.Diffusion;

/// <summary>Sampling that starts from data which is noisy already: what remains of a run takes its noise away.</summary>
public static class NoisyStart
{
    /// <summary>The plan.</summary>
    /// <param name="solver">The solver.</param>
    /// <param name="grid">The grid of a whole run.</param>
    /// <param name="level">How noisy the start is, <c>start = α·x0 + σ·ε</c> in model space; within the levels of the grid.</param>
    /// <returns>A plan that starts from the noisy data.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The level is outside of the grid; names the range.</exception>
    public static SamplingPlan Plan(ISolver solver, TimeGrid grid, NoiseLevel level)
    {
        ArgumentNullException.ThrowIfNull(solver);
        ArgumentNullException.ThrowIfNull(grid);
        var rest = grid.From(level);
        var trace = new PlanTracer(rest);
        // In the grid's form of the level; pure noise has one scale in all of them.
        double scale = level.Alpha > 0 ? rest.Levels[0].Alpha / level.Alpha : rest.Levels[0].Sigma / level.Sigma;
        return trace.Finish(trace.Append(solver.Plan(rest), scale * trace.Start));
    }
}
