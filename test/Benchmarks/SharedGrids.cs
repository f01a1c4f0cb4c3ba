namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>The grids on which every solver is tried: each spacing of the catalogue on the schedules of EDM, of DDPM (linear) and of latent diffusion (scaled linear).</summary>
internal static class SharedGrids
{
    private static readonly (string Name, NoiseSchedule Schedule)[] Schedules = [("EDM", KnownSchedules.Edm), ("linear", KnownSchedules.Linear), ("scaled linear", KnownSchedules.ScaledLinear)];

    /// <summary>The grids of a number of steps. Those that begin below the noisiest level of their schedule are left out: they solve another problem.</summary>
    public static IEnumerable<(string Name, TimeGrid Grid)> Of(int steps)
        => from schedule in Schedules
           from spacing in SolverCatalogue.Spacings
           let grid = TryGrid(spacing.Spacing, schedule.Schedule, steps)
           where grid is not null && grid.Levels[0].Ratio > 0.999 * schedule.Schedule.RatioRange.Largest
           select ($"{spacing.Name} {schedule.Name}", grid);

    /// <summary>The largest plan of a solver on a grid of this name within a budget of evaluations; null where there is none.</summary>
    public static SamplingPlan? LargestPlan(ISolver solver, string name, int budget)
    {
        for (int steps = budget; steps > 0; steps--)
        {
            var grid = Cached(name, steps);
            var plan = grid is null ? null : TryPlan(solver, grid);
            if (plan is not null && plan.Evaluations <= budget)
                return plan;
        }
        return null;
    }

    private static readonly Dictionary<int, Dictionary<string, TimeGrid>> Grids = [];

    private static TimeGrid? Cached(string name, int steps)
    {
        if (!Grids.TryGetValue(steps, out var grids))
            Grids[steps] = grids = Of(steps).ToDictionary(entry => entry.Name, entry => entry.Grid);
        return grids.GetValueOrDefault(name);
    }

    private static TimeGrid? TryGrid(TimeSpacing spacing, NoiseSchedule schedule, int steps)
    {
        try
        {
            return spacing.Grid(schedule, steps);
        }
        catch (ArgumentException)
        {
            // A spacing may refuse a schedule or a number of steps.
            return null;
        }
    }

    private static SamplingPlan? TryPlan(ISolver solver, TimeGrid grid)
    {
        try
        {
            return solver.Plan(grid);
        }
        catch (Exception refusal) when (refusal is ArgumentException or InvalidOperationException)
        {
            // A solver of high order may refuse a short grid.
            return null;
        }
    }
}
