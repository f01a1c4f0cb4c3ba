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
            var (left, right) = (TryGrid(one, schedule, steps), TryGrid(other, schedule, steps));
            if (left is null && right is null)
                continue;
            if (left is null || right is null || !Are(left, right, schedule))
                return false;
            any = true;
        }
        return any;
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
