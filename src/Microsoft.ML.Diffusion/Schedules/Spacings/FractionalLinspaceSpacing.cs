namespace Microsoft.ML.Diffusion;

/// <summary>
/// Even times that include both the noisiest and the cleanest, i·(T−1)/(N−1), not rounded to whole steps: between two steps σ/α is taken
/// linearly, as diffusers' Euler, Heun and LMS schedulers do. On a continuous schedule the same as <see cref="LinspaceSpacing"/>.
/// </summary>
public sealed class FractionalLinspaceSpacing : TimeSpacing
{
    /// <inheritdoc/>
    public override TimeGrid Grid(NoiseSchedule schedule, int steps)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        CheckSteps(steps);
        if (schedule is not DiscreteSchedule discrete)
            return KnownSpacings.Linspace.Grid(schedule, steps);
        CheckSteps(discrete, steps);
        int last = discrete.Steps - 1;
        var times = new double[steps + 1];
        var levels = new NoiseLevel[steps + 1];
        for (int i = 0; i < steps; i++)
        {
            double position = steps == 1 ? last : (double)(steps - 1 - i) * last / (steps - 1);
            times[i] = position / last;
            levels[i] = LevelAt(discrete, position);
        }
        times[steps] = discrete.TimeOfStep(-1);
        levels[steps] = NoiseLevel.Clean;
        return new TimeGrid(schedule, times, levels);
    }

    private static NoiseLevel LevelAt(DiscreteSchedule schedule, double position)
    {
        int below = (int)position;
        double fraction = position - below;
        if (fraction == 0)
            return schedule.LevelOf(below);
        double from = schedule.LevelOf(below).Ratio, to = schedule.LevelOf(below + 1).Ratio;
        // There is no line to the infinite ratio of pure noise.
        return double.IsInfinity(to)
            ? schedule.At(position / (schedule.Steps - 1))
            : NoiseLevel.FromLambda(-Math.Log(from + fraction * (to - from)));
    }
}
