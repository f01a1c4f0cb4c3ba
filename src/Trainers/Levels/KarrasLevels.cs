namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// The ρ-th root of σ/α is uniform in the range of the schedule: as often as sampling visits levels with <see cref="KarrasSpacing"/>, as consistency models were first trained (Song et al. 2023,
/// arXiv:2303.01469, section 6).
/// </summary>
/// <param name="rho">ρ; positive, finite. 7 unless given.</param>
public sealed class KarrasLevels(double rho = 7) : LevelDistribution
{
    /// <summary>ρ.</summary>
    public double Rho { get; } = rho > 0 && double.IsFinite(rho) ? rho : throw new ArgumentOutOfRangeException(nameof(rho), rho, "ρ must be positive and finite.");

    /// <inheritdoc/>
    public override double Time(double u, NoiseSchedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var (smallest, largest) = schedule.RatioRange;
        if (double.IsInfinity(largest))
            throw new ArgumentException($"{nameof(KarrasLevels)} needs a schedule that ends above α = 0, which {schedule.GetType().Name} does not.", nameof(schedule));
        double from = Math.Pow(smallest, 1 / Rho), to = Math.Pow(largest, 1 / Rho);
        return schedule.TimeOf(-2 * Rho * Math.Log(from + u * (to - from)));
    }
}
