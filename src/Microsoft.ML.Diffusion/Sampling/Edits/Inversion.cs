namespace Microsoft.ML.Diffusion;

/// <summary>
/// Runs a deterministic solver backwards, from data to the noise that it makes that data of: DDIM inversion (Song et al. 2021, arXiv:2010.02502, section 5.4)
/// for DDIM, and its like for every solver whose steps stand alone.
/// </summary>
/// <remarks>
/// A step F takes the unknown x to the known y, and the search begins at x = y: x ← x + (y − F(x))/s. The first s, α_y/α_x, makes this DDIM inversion as
/// published, which takes ε̂ at the noisy level for that of the clean state. Each refinement repeats it with the s that is best for slopes of F between those
/// of data without and with structure, and the error falls geometrically.
/// </remarks>
public static class Inversion
{
    // Model space has variances near 1, but pictures have more along the directions that many pixels share.
    private const double LargestVariance = 100;

    /// <summary>The plan.</summary>
    /// <param name="solver">The solver that samples again from what the plan gives.</param>
    /// <param name="grid">The grid of the sampling run, which the plan walks from its end to its start.</param>
    /// <param name="refinements">How often each step's search is repeated; not negative. 0 is DDIM inversion as published.</param>
    /// <returns>A plan that starts from data in model space and gives the noise at the first level of the grid.</returns>
    /// <exception cref="ArgumentException">The solver draws noise, or its steps depend on those before: it has no inverse.</exception>
    public static SamplingPlan Plan(ISolver solver, TimeGrid grid, int refinements)
    {
        ArgumentNullException.ThrowIfNull(solver);
        ArgumentNullException.ThrowIfNull(grid);
        ArgumentOutOfRangeException.ThrowIfNegative(refinements);
        var steps = InvertibleSteps(solver, grid);
        var trace = new PlanTracer(grid);
        var x = trace.Start;
        for (int i = grid.Steps - 1; i >= 0; i--)
        {
            double slope = grid.Levels[i].Alpha > 0 ? grid.Levels[i + 1].Alpha / grid.Levels[i].Alpha : TypicalSlope(grid.Levels[i], grid.Levels[i + 1]);
            var y = x = trace.Store(x);
            for (int search = 0; search <= refinements; search++)
            {
                x = trace.Store(x + (y - trace.Append(steps[i], x)) / slope);
                slope = TypicalSlope(grid.Levels[i], grid.Levels[i + 1]);
            }
        }
        return trace.Finish(x);
    }

    // Richardson's: the middle of the range. D has the slope 0 without structure, and α·V/(α²V + σ²) for data of variance V.
    private static double TypicalSlope(NoiseLevel from, NoiseLevel to)
    {
        double kept = to.Sigma / from.Sigma;
        double structured = (to.Alpha - kept * from.Alpha) * from.Alpha * LargestVariance / (from.Alpha * from.Alpha * LargestVariance + from.Sigma * from.Sigma);
        // A step to clean data keeps structure alone.
        return kept == 0 ? structured : kept + structured / 2;
    }

    private static SamplingPlan[] InvertibleSteps(ISolver solver, TimeGrid grid)
    {
        if (solver.Plan(grid).CountOf(RegisterKind.Noise) > 0)
            throw new ArgumentException($"{solver.GetType().Name} draws noise, so a sample has no latent from which it follows: use a deterministic solver, such as KnownSolvers.Ddim.", nameof(solver));
        return SingleSteps.Of(solver, grid)
            ?? throw new ArgumentException($"The steps of {solver.GetType().Name} depend on those before, so it can not be run backwards step by step: use a solver of single steps, such as KnownSolvers.Ddim or KnownSolvers.Heun.", nameof(solver));
    }
}
