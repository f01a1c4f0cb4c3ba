namespace Microsoft.ML.Diffusion;

/// <summary>
/// PNDM (Liu et al. 2022, arXiv:2202.09778, Algorithm 2, "F-PNDM", or with a start of its own PLMS; diffusers' PNDMScheduler): DDIM's step along
/// Adams–Bashforth's combination of the last four noise estimates, with weights of even steps. Deterministic. One evaluation a step but for the start: three steps of
/// a Runge–Kutta method with four evaluations each, or one step of Heun's with two. Order 2; on grids even in σ/α order 4. Runs of fewer than four steps are start alone, and a step of it
/// that ends at clean data is Adams–Bashforth's. Does not take grids that start at pure noise.
/// </summary>
/// <param name="rungeKuttaStart">Whether the first three steps are Runge–Kutta's; else PLMS, as latent diffusion samples. True unless given.</param>
public sealed class PndmSolver(bool rungeKuttaStart = true) : ISolver
{
    private const int Order = 4;

    // Adams–Bashforth of order 1 to 4, the latest first.
    private static readonly double[][] Weights = [[1], [3 / 2.0, -1 / 2.0], [23 / 12.0, -16 / 12.0, 5 / 12.0], [55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0]];

    /// <summary>Whether the first three steps are Runge–Kutta's.</summary>
    public bool RungeKuttaStart { get; } = rungeKuttaStart;

    /// <summary>Whether v is combined, of which ε follows at each step, as diffusers does with networks that predict v; else ε itself. False unless set.</summary>
    public bool OfVelocity { get; init; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The grid starts at pure noise.</exception>
    public SamplingPlan Plan(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        if (grid.Levels[0].Alpha == 0)
            throw new ArgumentException($"PNDM can not start at pure noise, {grid.Levels[0]}: use a spacing that begins below it.", nameof(grid));
        var trace = new PlanTracer(grid);
        var x = trace.Start;
        var noises = new List<LinearExpression>(grid.Steps);
        for (int i = 0; i < grid.Steps; i++)
        {
            var (point, to) = (grid.Point(i), grid.Arrival(i));
            var from = point.Level;
            x = trace.Store(x);
            var noise = NoiseAt(trace, x, point, to);
            noises.Add(noise);
            bool clean = to.Sigma == 0;
            if (i == 0 && !RungeKuttaStart && grid.Steps > 1)
                (from, to) = HeunStep(grid);
            var mean =
                RungeKuttaStart && i < Order - 1 && !clean ? RungeKutta(trace, grid, i, x, noise)
                : i == 0 && !RungeKuttaStart && grid.Steps > 1 ? Heun(trace, grid, x, noise)
                : Enumerable.Range(0, Math.Min(Order, i + 1)).Aggregate(default(LinearExpression), (sum, back) => sum + Weights[Math.Min(Order, i + 1) - 1][back] * noises[i - back]);
            x = Move(x, from, to, mean);
        }
        return trace.Finish(x);
    }

    private LinearExpression Heun(PlanTracer trace, TimeGrid grid, LinearExpression x, LinearExpression noise)
        => (noise + NoiseAt(trace, Move(x, grid.Levels[0], grid.Arrival(0), noise), grid.Point(1), grid.Levels[1])) / 2;

    // To the next point; where the scheduler goes another way down, from as far above it.
    private static (NoiseLevel From, NoiseLevel To) HeunStep(TimeGrid grid)
    {
        var to = grid.Levels[1];
        if (grid.Arrival(0) == to || grid.Schedule is not DiscreteSchedule table)
            return (grid.Levels[0], to);
        int stride = StepAt(0) - (int)Math.Round(table.TimeOf(grid.Arrival(0).LogSnr) * (table.Steps - 1));
        return (table.LevelOf(Math.Min(StepAt(1) + stride, table.Steps - 1)), to);

        int StepAt(int point) => (int)Math.Round(grid.Times[point] * (table.Steps - 1));
    }

    // The classical method of order 4 (arXiv:2202.09778, eq. 13).
    private LinearExpression RungeKutta(PlanTracer trace, TimeGrid grid, int i, LinearExpression x, LinearExpression first)
    {
        var (from, end) = (grid.Levels[i], grid.Point(i + 1));
        var (above, below) = Halfway(grid, i);
        var second = NoiseAt(trace, Move(x, from, above.Level, first), below, end.Level);
        var third = NoiseAt(trace, Move(x, from, below.Level, second), below, end.Level);
        var fourth = NoiseAt(trace, Move(x, from, end.Level, third), end, end.Level);
        return (first + 2 * second + 2 * third + fourth) / 6;
    }

    // Eq. 11, DDIM's step with a given ε: α_to/α·x + (σ_to − α_to·σ/α)·ε.
    private LinearExpression Move(LinearExpression x, NoiseLevel from, NoiseLevel to, LinearExpression answer)
    {
        if (OfVelocity)
        {
            double variance = from.Alpha * from.Alpha + from.Sigma * from.Sigma;
            answer = from.Sigma / variance * x + from.Alpha / Math.Sqrt(variance) * answer;
        }
        return to.Alpha / from.Alpha * x + (to.Sigma - to.Alpha * from.Ratio) * answer;
    }

    // What is combined: ε, or v = (α·x/s − s·x̂0)/σ with s² = α² + σ².
    private LinearExpression NoiseAt(PlanTracer trace, LinearExpression x, GridPoint point, NoiseLevel target)
    {
        x = trace.Store(x);
        var x0 = trace.Denoise(x, point, target);
        if (!OfVelocity)
            return trace.Store(NoiseEstimate.Of(point.Level, x, x0));
        var (alpha, sigma) = point.Level;
        double deviation = Math.Sqrt(alpha * alpha + sigma * sigma);
        return trace.Store((alpha / deviation * x - deviation * x0) / sigma);
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
