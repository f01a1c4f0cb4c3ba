namespace Microsoft.ML.Diffusion;

/// <summary>
/// Noise levels between two ratios σ/α: those in (<paramref name="least"/>, <paramref name="greatest"/>], as Kynkäänniemi et al. 2024 (arXiv:2404.07724, eq. 4) have them. σ/α is the σ of EDM, and √(1/ᾱ − 1) of DDPM.
/// </summary>
/// <remarks>Immutable.</remarks>
/// <param name="least">The least ratio, which is not within; not negative, below <paramref name="greatest"/>.</param>
/// <param name="greatest">The greatest ratio; infinite for up to pure noise.</param>
public sealed class LevelInterval(double least, double greatest)
{
    /// <summary>The least ratio, which is not within.</summary>
    public double Least { get; } = least >= 0 && least < greatest
        ? least
        : throw new ArgumentOutOfRangeException(nameof(least), $"Expected ratios 0 ≤ least < greatest, got {least} and {greatest}.");

    /// <summary>The greatest ratio.</summary>
    public double Greatest { get; } = greatest;

    /// <summary>The levels between two times of a schedule.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="least">The time nearer to the data, in [0, 1].</param>
    /// <param name="greatest">The time nearer to noise, in [0, 1]; above <paramref name="least"/>.</param>
    public static LevelInterval OfTimes(NoiseSchedule schedule, double least, double greatest)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return new LevelInterval(schedule.At(least).Ratio, schedule.At(greatest).Ratio);
    }

    /// <summary>Whether a level is within.</summary>
    /// <param name="level">The level.</param>
    public bool Contains(NoiseLevel level) => level.Ratio > Least && level.Ratio <= Greatest;
}
