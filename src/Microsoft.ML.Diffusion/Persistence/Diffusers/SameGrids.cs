namespace Microsoft.ML.Diffusion;

/// <summary>Whether two spacings of different types are the same one.</summary>
internal static class SameGrids
{
    private const int LongestRun = 10;

    /// <summary>
    /// Whether they give the same levels, of which networks are told the same, for several numbers of steps: those that divide the table, as schedulers that go ⌊T/N⌋ steps down go other
    /// ways elsewhere, and not one alone, where spacings differ that are one otherwise.
    /// </summary>
    /// <param name="one">A spacing.</param>
    /// <param name="other">Another one.</param>
    /// <param name="schedule">The schedule.</param>
    public static bool Are(TimeSpacing one, TimeSpacing other, NoiseSchedule schedule)
    {
        bool any = false;
        int total = schedule is DiscreteSchedule table ? table.Steps : 0;
        int[] all = [.. Enumerable.Range(2, LongestRun - 1)], runs = [.. all.Where(steps => total % steps == 0)];
        foreach (int steps in runs.Length > 0 ? runs : all)
        {
            if (AreAt(one, other, schedule, steps) is not { } same)
                continue;
            if (!same)
                return false;
            any = true;
        }
        return any;
    }

    /// <summary>Whether they give the same levels for a number of steps; null where neither has a grid of so many.</summary>
    /// <param name="one">A spacing.</param>
    /// <param name="other">Another one.</param>
    /// <param name="schedule">The schedule.</param>
    /// <param name="steps">The number of steps.</param>
    public static bool? AreAt(TimeSpacing one, TimeSpacing other, NoiseSchedule schedule, int steps)
    {
        var (left, right) = (TryGrid(one, schedule, steps), TryGrid(other, schedule, steps));
        return left is null && right is null ? null : left is not null && right is not null && Are(left, right, schedule);
    }

    private static bool Are(TimeGrid left, TimeGrid right, NoiseSchedule schedule)
    {
        if (!left.Levels.SequenceEqual(right.Levels) || left.PriorScale != right.PriorScale)
            return false;
        for (int i = 0; i < left.Steps; i++)
            if (left.Arrival(i) != right.Arrival(i) || Told(left, i) != Told(right, i))
                return false;
        return true;

        float Told(TimeGrid grid, int i) => (float)(grid.Point(i).Told ?? schedule.TimeOf(grid.Levels[i].LogSnr));
    }

    private static TimeGrid? TryGrid(TimeSpacing spacing, NoiseSchedule schedule, int steps)
    {
        try
        {
            return spacing.Grid(schedule, steps);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
