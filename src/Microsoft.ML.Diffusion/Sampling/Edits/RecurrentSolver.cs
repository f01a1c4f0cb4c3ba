namespace Microsoft.ML.Diffusion;

/// <summary>
/// Self-recurrence: each step of a solver is taken several times, and in between the state is noised again to where the step began, which lets a guided state
/// settle (Bansal et al. 2023, arXiv:2302.07121, eq. 10 and Algorithm 1; Lugmayr et al. 2022, arXiv:2201.09865, for inpainting). A solver of any steps that
/// stand alone: one whose steps depend on those before is refused when it is planned.
/// </summary>
/// <param name="solver">The solver whose steps are repeated.</param>
/// <param name="count">k, how often each step is taken; 1 … 1,000. At 1 nothing changes.</param>
public sealed class RecurrentSolver(ISolver solver, int count) : ISolver
{
    // Plans hold every step.
    private const int MostTimes = 1000;

    /// <summary>The solver whose steps are repeated.</summary>
    public ISolver Solver { get; } = solver ?? throw new ArgumentNullException(nameof(solver));

    /// <summary>How often each step is taken.</summary>
    public int Count { get; } = CheckCount(count, nameof(count));

    bool ISampler.MixesRows => Solver.MixesRows;

    /// <summary>k as given.</summary>
    internal static int CheckCount(int count, string name)
        => count is >= 1 and <= MostTimes ? count : throw new ArgumentOutOfRangeException(name, count, $"Self-recurrence takes each step at least once, and at most {MostTimes} times.");

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The solver's steps do not stand alone; names it.</exception>
    public SamplingPlan Plan(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        if (Count == 1)
            return Solver.Plan(grid);
        var steps = SingleSteps.Of(Solver, grid) ?? throw new ArgumentException(
            $"A run of {Solver.GetType().Name} is more than its steps one after the other: they depend on those before, or on their number. Self-recurrence takes each step {Count} times, so it needs a solver of single steps, such as KnownSolvers.Ddim or KnownSolvers.Heun.", nameof(grid));
        var trace = new PlanTracer(grid);
        var x = trace.Start;
        for (int i = 0; i < grid.Steps; i++)
        {
            x = trace.Append(steps[i], x);
            for (int n = 1; n < Count; n++)
                x = trace.Append(steps[i], trace.Renoise(x, grid.Levels[i + 1], grid.Levels[i]));
        }
        return trace.Finish(x);
    }
}
