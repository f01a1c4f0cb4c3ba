namespace Microsoft.ML.Diffusion;

/// <summary>
/// A spacing of noise ratios σ/α from the largest to the smallest, then 0, in variance-exploding form
/// (<see cref="TimeGrid.FromRatios"/>).
/// </summary>
public abstract class RatioSpacing : TimeSpacing
{
    private protected RatioSpacing(double? ratioMin, double? ratioMax)
    {
        if (ratioMin is { } min && !(min > 0 && double.IsFinite(min)))
            throw new ArgumentOutOfRangeException(nameof(ratioMin), min, "The smallest noise ratio must be positive and finite.");
        if (ratioMax is { } max && !(max > (ratioMin ?? 0) && double.IsFinite(max)))
            throw new ArgumentOutOfRangeException(nameof(ratioMax), max, $"The largest noise ratio must be finite and above {ratioMin ?? 0}.");
        RatioMin = ratioMin;
        RatioMax = ratioMax;
    }

    /// <summary>The smallest σ/α above 0; null for the schedule's own.</summary>
    public double? RatioMin { get; }

    /// <summary>The largest σ/α; null for the schedule's own.</summary>
    public double? RatioMax { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The schedule has no finite noise ratios min &lt; max and the spacing names none.</exception>
    public sealed override TimeGrid Grid(NoiseSchedule schedule, int steps)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        CheckSteps(steps);
        double smallest = RatioMin ?? schedule.RatioRange.Smallest;
        double largest = RatioMax ?? schedule.RatioRange.Largest;
        if (!(smallest > 0 && smallest < largest && double.IsFinite(largest)))
            throw new ArgumentException($"Expected finite noise ratios 0 < min < max, got {smallest} and {largest}; give ratioMin and ratioMax.", nameof(schedule));
        var ratios = new double[steps + 1];
        for (int i = 0; i < steps; i++)
            ratios[i] = Ratio(smallest, largest, steps == 1 ? 0 : (double)i / (steps - 1));
        // The end points exactly, whatever roots and powers make of them.
        if (steps > 1)
            ratios[steps - 1] = smallest;
        ratios[0] = largest;
        return TimeGrid.FromRatios(ratios);
    }

    /// <summary>The noise ratio at a fraction of the way.</summary>
    /// <param name="smallest">The smallest ratio.</param>
    /// <param name="largest">The largest ratio.</param>
    /// <param name="fraction">From 0 (largest) to 1 (smallest).</param>
    private protected abstract double Ratio(double smallest, double largest, double fraction);
}
