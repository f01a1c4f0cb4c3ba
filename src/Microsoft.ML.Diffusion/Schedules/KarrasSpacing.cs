namespace Microsoft.ML.Diffusion;

/// <summary>
/// Noise ratios whose ρ-th roots are evenly spaced, then 0 (Karras et al. 2022, arXiv:2206.00364, eq. 5), in variance-exploding form
/// (<see cref="TimeGrid.FromRatios"/>).
/// </summary>
/// <param name="rho">ρ; positive. 7 unless given: larger puts more steps near the data.</param>
/// <param name="ratioMin">The smallest σ/α above 0; null for the schedule's own.</param>
/// <param name="ratioMax">The largest σ/α; null for the schedule's own.</param>
public sealed class KarrasSpacing(double rho = 7, double? ratioMin = null, double? ratioMax = null) : TimeSpacing
{
    /// <summary>ρ.</summary>
    public double Rho { get; } = rho > 0 && double.IsFinite(rho) ? rho : throw new ArgumentOutOfRangeException(nameof(rho), rho, "ρ must be positive and finite.");

    /// <summary>The smallest σ/α above 0; null for the schedule's own.</summary>
    public double? RatioMin { get; } = ratioMin;

    /// <summary>The largest σ/α; null for the schedule's own.</summary>
    public double? RatioMax { get; } = ratioMax;

    /// <inheritdoc/>
    public override TimeGrid Grid(NoiseSchedule schedule, int steps)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        var (smallest, largest) = schedule.RatioRange;
        smallest = RatioMin ?? smallest;
        largest = RatioMax ?? largest;
        if (!(smallest > 0 && smallest < largest && double.IsFinite(largest)))
            throw new ArgumentException($"Karras spacing needs finite noise ratios 0 < min < max, got {smallest} and {largest}; give ratioMin and ratioMax.");
        double from = Math.Pow(largest, 1 / Rho), to = Math.Pow(smallest, 1 / Rho);
        var ratios = new double[steps + 1];
        for (int i = 0; i < steps; i++)
            ratios[i] = Math.Pow(from + (steps == 1 ? 0 : (double)i / (steps - 1)) * (to - from), Rho);
        return TimeGrid.FromRatios(ratios);
    }
}
