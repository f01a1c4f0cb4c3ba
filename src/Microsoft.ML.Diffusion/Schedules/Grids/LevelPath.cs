namespace Microsoft.ML.Diffusion;

/// <summary>
/// How the level moves during one step: along the schedule where the grid follows it, else along the straight line between the two
/// levels. The flow of the probability-flow ODE between two levels does not depend on the path, only the error of a solver does.
/// </summary>
internal readonly struct LevelPath
{
    private readonly TimeGrid _grid;
    private readonly GridPoint _from;
    private readonly GridPoint _to;
    private readonly bool _straight;

    /// <summary>The path from a point to a point of the grid.</summary>
    /// <param name="grid">The grid.</param>
    /// <param name="from">Where the step starts: a point of the grid, or one above it.</param>
    /// <param name="to">The index of the point where the step ends.</param>
    public LevelPath(TimeGrid grid, GridPoint from, int to)
    {
        _grid = grid;
        _from = from;
        _to = grid.Point(to);
        _straight = !grid.FollowsSchedule || from.Time is null || !IsFinite(grid.Schedule.DerivativeAt(from.Time.Value));
    }

    /// <summary>Whether the step ends at clean data.</summary>
    public bool EndsClean => _to.Level.Sigma == 0;

    /// <summary>The point at a fraction of the step.</summary>
    /// <param name="fraction">From 0, where the step starts, to 1, where it ends.</param>
    public GridPoint At(double fraction)
    {
        if (fraction == 0)
            return _from;
        if (fraction == 1)
            return _to;
        if (!_straight)
        {
            double time = _from.Time!.Value + fraction * (_to.Time!.Value - _from.Time.Value);
            return new GridPoint(_grid.Schedule.At(time), time);
        }
        var line = Velocity(fraction);
        return new GridPoint(new NoiseLevel(_from.Level.Alpha + fraction * line.Alpha, _from.Level.Sigma + fraction * line.Sigma), null);
    }

    /// <summary>The derivative of the level at a fraction of the step, by that fraction.</summary>
    /// <param name="fraction">From 0, where the step starts, to 1, where it ends.</param>
    public LevelDerivative Velocity(double fraction)
    {
        if (_straight)
            return new LevelDerivative(_to.Level.Alpha - _from.Level.Alpha, _to.Level.Sigma - _from.Level.Sigma);
        double length = _to.Time!.Value - _from.Time!.Value;
        var (alpha, sigma) = _grid.Schedule.DerivativeAt(_from.Time.Value + fraction * length);
        return new LevelDerivative(length * alpha, length * sigma);
    }

    private static bool IsFinite(LevelDerivative derivative) => double.IsFinite(derivative.Alpha) && double.IsFinite(derivative.Sigma);
}
