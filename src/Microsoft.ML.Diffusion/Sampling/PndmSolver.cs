namespace Microsoft.ML.Diffusion;

/// <summary>
/// PNDM (Liu et al. 2022, arXiv:2202.09778, Algorithm 2, "F-PNDM", or with a start of its own PLMS; diffusers' PNDMScheduler): DDIM's step along
/// Adams–Bashforth's combination of the last four noise estimates, with weights of even steps. Deterministic. One evaluation a step but for the start: three steps of
/// a Runge–Kutta method with four evaluations each, or one step of Heun's with two. Order 2; on grids even in σ/α order 4. Does not take grids that start at pure noise.
/// </summary>
/// <param name="rungeKuttaStart">Whether the first three steps are Runge–Kutta's; else PLMS, as latent diffusion samples. True unless given.</param>
public sealed class PndmSolver(bool rungeKuttaStart = true) : ISolver
{
    private const int Order = 4;

    // Adams–Bashforth of order 1 to 4, the latest first.
    private static readonly double[][] Weights = [[1], [3 / 2.0, -1 / 2.0], [23 / 12.0, -16 / 12.0, 5 / 12.0], [55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0]];

    /// <summary>Whether the first three steps are Runge–Kutta's.</summary>
    public bool RungeKuttaStart { get; } = rungeKuttaStart;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The grid has fewer than four steps, or starts at pure noise.</exception>
    public SamplingPlan Plan(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        if (grid.Steps < Order)
            throw new ArgumentException($"PNDM takes at least {Order} steps, the grid has {grid.Steps}.", nameof(grid));
        if (grid.Levels[0].Alpha == 0)
            throw new ArgumentException($"PNDM can not start at pure noise, {grid.Levels[0]}: use a spacing that begins below it.", nameof(grid));
        var trace = new PlanTracer(grid);
        var x = trace.Start;
        var noises = new List<LinearExpression>(grid.Steps);
        for (int i = 0; i < grid.Steps; i++)
        {
            var (point, to) = (grid.Point(i), grid.Levels[i + 1]);
            x = trace.Store(x);
            var noise = NoiseAt(trace, x, point, to);
            noises.Add(noise);
            var mean =
                RungeKuttaStart && i < Order - 1 ? RungeKutta(trace, grid, i, x, noise)
                : i == 0 ? Heun(trace, grid, x, noise)
                : Enumerable.Range(0, Math.Min(Order, i + 1)).Aggregate(default(LinearExpression), (sum, back) => sum + Weights[Math.Min(Order, i + 1) - 1][back] * noises[i - back]);
            x = Move(x, point.Level, to, mean);
        }
        return trace.Finish(x);
    }

    private static LinearExpression Heun(PlanTracer trace, TimeGrid grid, LinearExpression x, LinearExpression noise)
        => (noise + NoiseAt(trace, Move(x, grid.Levels[0], grid.Levels[1], noise), grid.Point(1), grid.Levels[1])) / 2;

    // The classical method of order 4 (arXiv:2202.09778, eq. 13).
    private static LinearExpression RungeKutta(PlanTracer trace, TimeGrid grid, int i, LinearExpression x, LinearExpression first)
    {
        var (from, end) = (grid.Levels[i], grid.Point(i + 1));
        var (above, below) = Halfway(grid, i);
        var second = NoiseAt(trace, Move(x, from, above.Level, first), below, end.Level);
        var third = NoiseAt(trace, Move(x, from, below.Level, second), below, end.Level);
        var fourth = NoiseAt(trace, Move(x, from, end.Level, third), end, end.Level);
        return (first + 2 * second + 2 * third + fourth) / 6;
    }

    // Eq. 11, DDIM's step with a given ε: α_to/α·x + (σ_to − α_to·σ/α)·ε.
    private static LinearExpression Move(LinearExpression x, NoiseLevel from, NoiseLevel to, LinearExpression noise)
        => to.Alpha / from.Alpha * x + (to.Sigma - to.Alpha * from.Ratio) * noise;

    private static LinearExpression NoiseAt(PlanTracer trace, LinearExpression x, GridPoint point, NoiseLevel target)
    {
        x = trace.Store(x);
        return trace.Store(NoiseEstimate.Of(point.Level, x, trace.Denoise(x, point, target)));
    }

    // Halfway in time. In a table, the whole steps on both sides of it: one, unless the steps between are odd in number; then the first stage
    // goes to the one above, and the network is asked at the one below, as in diffusers.
    private static (GridPoint Above, GridPoint Below) Halfway(TimeGrid grid, int i)
    {
        if (grid.Schedule is DiscreteSchedule table && StepOf(table, grid.Point(i)) is { } from && StepOf(table, grid.Point(i + 1)) is { } to)
        {
            int half = (from - to) / 2;
            return (PointOf(table, from - half), PointOf(table, to + half));
        }
        var middle = new LevelPath(grid, grid.Point(i), i + 1).At(0.5);
        return (middle, middle);
    }

    private static GridPoint PointOf(DiscreteSchedule table, int step) => new(table.LevelOf(step), table.TimeOfStep(step));

    private static int? StepOf(DiscreteSchedule table, GridPoint point)
    {
        int step = (int)Math.Round(point.Time!.Value * (table.Steps - 1));
        return step >= 0 && step < table.Steps && table.LevelOf(step) == point.Level ? step : null;
    }
}
