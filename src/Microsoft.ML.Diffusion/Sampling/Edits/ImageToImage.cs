namespace Microsoft.ML.Diffusion;

/// <summary>
/// Sampling that starts later, from a source: SDEdit (Meng et al. 2022, arXiv:2108.01073, Algorithm 1), which image-to-image pipelines use. The source is
/// noised to a level, and a solver takes it from there: what noise of that level hides is made anew, the rest stays.
/// </summary>
public static class ImageToImage
{
    /// <summary>The plan: <c>x = α·source + σ·ε</c> at the first level of the rest, then the solver.</summary>
    /// <param name="solver">The solver.</param>
    /// <param name="rest">What remains of a grid: <see cref="Rest"/> or <see cref="TimeGrid.From"/>.</param>
    /// <param name="level">The level to which the source is noised; the first of the rest unless given.</param>
    /// <returns>A plan that starts from the prior's noise, as a sampler's, with one input, the source in model space.</returns>
    public static SamplingPlan Plan(ISolver solver, TimeGrid rest, NoiseLevel? level = null)
    {
        ArgumentNullException.ThrowIfNull(solver);
        ArgumentNullException.ThrowIfNull(rest);
        var trace = new PlanTracer(rest);
        var (alpha, sigma) = level ?? rest.Levels[0];
        var x = alpha * trace.Input() + sigma / rest.PriorScale * trace.Start;
        return trace.Finish(trace.Append(solver.Plan(rest), x));
    }

    /// <summary>How many steps of a run a strength does: ⌊strength·steps⌋, so that 0.29 of 100 is 29.</summary>
    /// <param name="steps">The steps of a whole run.</param>
    /// <param name="strength">In [0, 1].</param>
    internal static int StepsOf(int steps, double strength) => WholePart.Of(steps * strength);

    /// <summary>The last ⌊strength·steps⌋ steps of a grid, as diffusers counts them but for rounding: 0.29 of 100 steps are 29.</summary>
    /// <param name="grid">The grid of a whole run.</param>
    /// <param name="strength">How much of the source is made anew, in [0, 1].</param>
    /// <returns>Null where no step remains, and the source stays as it is.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The strength is not in [0, 1].</exception>
    public static TimeGrid? Rest(TimeGrid grid, double strength)
    {
        ArgumentNullException.ThrowIfNull(grid);
        if (!(strength is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(strength), strength, "The strength must be in [0, 1].");
        int steps = StepsOf(grid.Steps, strength);
        return steps == 0 ? null : grid.Slice(grid.Steps - steps, grid.Steps);
    }
}
