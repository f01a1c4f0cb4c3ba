namespace Microsoft.ML.Diffusion;

/// <summary>Grids of the σ of schedulers of diffusers.</summary>
internal static class SchedulerGrids
{
    /// <summary>Variance-exploding levels (1, σ), in the schedule of their largest.</summary>
    /// <param name="sigmas">The σ, falling; the last may be 0, or that before it again.</param>
    /// <param name="told">The time that the network is told at each; null for its own.</param>
    /// <param name="priorScale">The standard deviation of the noise with which a run starts.</param>
    public static TimeGrid Exploding(double[] sigmas, double?[] told, double priorScale)
    {
        double largest = sigmas[0], smallest = sigmas.LastOrDefault(sigma => sigma > 0 && sigma < largest, largest / 2);
        return new TimeGrid(
            new EdmSchedule(smallest, largest), [.. sigmas.Select(sigma => sigma / largest)], [.. sigmas.Select(NoiseLevel.FromRatio)], new GridExtras(told, PriorScale: priorScale));
    }

    /// <summary>Variance-preserving levels of the noise ratios.</summary>
    /// <param name="schedule">The schedule of the model.</param>
    /// <param name="table">Its σ.</param>
    /// <param name="sigmas">The noise ratios, falling; the last may be 0, or that before it again.</param>
    /// <param name="told">The time that the network is told at each; null for its own.</param>
    public static TimeGrid Preserving(DiscreteSchedule schedule, SigmaTable table, double[] sigmas, double?[] told)
    {
        int last = schedule.Steps - 1;
        double[] times = [.. sigmas.Select(sigma => sigma == 0 ? -1.0 / last : table.PositionOf(sigma) / last)];
        NoiseLevel[] levels = [.. sigmas.Select((sigma, i) => LevelOf(schedule, sigma, i < sigmas.Length - 1 ? told[i] : times[i]))];
        return new TimeGrid(schedule, times, levels, new GridExtras(told));
    }

    // The table's own level where it is one, to the last bit.
    private static NoiseLevel LevelOf(DiscreteSchedule schedule, double sigma, double? time)
    {
        int step = (int)Math.Round((time ?? 0) * (schedule.Steps - 1));
        if (step >= 0 && schedule.LevelOf(step) is var level && level.Ratio == sigma)
            return level;
        return sigma == 0 ? NoiseLevel.Clean : NoiseLevel.FromLambda(-Math.Log(sigma));
    }
}
