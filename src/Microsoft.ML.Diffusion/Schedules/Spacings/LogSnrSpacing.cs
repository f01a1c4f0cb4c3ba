namespace Microsoft.ML.Diffusion;

/// <summary>
/// Levels of the schedule itself that are even in log-SNR, then clean data: DPM-Solver's own (Lu et al. 2022, arXiv:2206.00927, section 4.2).
/// <see cref="ExponentialSpacing"/> has the same noise ratios in variance-exploding form.
/// </summary>
/// <param name="ratioMin">The smallest σ/α above 0; null for the schedule's own.</param>
/// <param name="ratioMax">The largest σ/α; null for the schedule's own.</param>
public sealed class LogSnrSpacing(double? ratioMin = null, double? ratioMax = null) : TimeSpacing
{
    private readonly ExponentialSpacing _ratios = new(1, ratioMin, ratioMax);

    /// <summary>The smallest σ/α above 0; null for the schedule's own.</summary>
    public double? RatioMin => _ratios.RatioMin;

    /// <summary>The largest σ/α; null for the schedule's own.</summary>
    public double? RatioMax => _ratios.RatioMax;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The schedule has no finite noise ratios min &lt; max and the spacing names none.</exception>
    public override TimeGrid Grid(NoiseSchedule schedule, int steps)
        => DownToClean(schedule, [.. _ratios.Grid(schedule, steps).Levels.SkipLast(1).Select(level => schedule.TimeOf(level.LogSnr))]);
}
