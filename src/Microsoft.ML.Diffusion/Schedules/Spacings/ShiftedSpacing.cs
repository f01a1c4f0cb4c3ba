namespace Microsoft.ML.Diffusion;

/// <summary>
/// Even times, bent towards the noise: t → s·t/(1 + (s−1)·t), which on a rectified flow lowers every log-SNR by 2·ln s, for pictures larger than those
/// where s = 1 suits (Esser et al. 2024, arXiv:2403.03206, eq. 23).
/// </summary>
/// <param name="shift">s; positive. 1 unless given.</param>
/// <param name="timeMin">
/// The last time before clean data, before the shift; in [0, <paramref name="timeMax"/>). 0 unless given: the times are even down to clean data
/// itself.
/// </param>
/// <param name="timeMax">The first time, before the shift; in (0, 1]. 1 unless given.</param>
public sealed class ShiftedSpacing(double shift = 1, double timeMin = 0, double timeMax = 1) : TimeSpacing
{
    /// <summary>s.</summary>
    public double Shift { get; } = shift > 0 && double.IsFinite(shift) ? shift : throw new ArgumentOutOfRangeException(nameof(shift), shift, "The shift must be positive and finite.");

    /// <summary>The last time before clean data, before the shift; 0 where the times are even down to clean data.</summary>
    public double TimeMin { get; } = timeMin >= 0 && timeMin < timeMax && timeMax <= 1
        ? timeMin
        : throw new ArgumentOutOfRangeException(nameof(timeMin), $"Expected 0 <= timeMin < timeMax <= 1, got {timeMin} and {timeMax}.");

    /// <summary>The first time, before the shift.</summary>
    public double TimeMax { get; } = timeMax;

    /// <summary>
    /// The shift of FLUX and its kin for a number of tokens (patches) of a picture: s = e^μ, with μ on the line from 0.5 at 256 tokens to 1.15 at
    /// 4096.
    /// </summary>
    /// <param name="tokens">The number of tokens of a picture; at least 1.</param>
    /// <param name="timeMin">The last time before clean data, before the shift: see <see cref="TimeMin"/>.</param>
    public static ShiftedSpacing ForTokens(int tokens, double timeMin = 0)
        => tokens >= 1
            ? new ShiftedSpacing(Math.Exp(0.5 + (1.15 - 0.5) * (tokens - 256) / (4096 - 256)), timeMin)
            : throw new ArgumentOutOfRangeException(nameof(tokens), tokens, "The number of tokens must be at least 1.");

    /// <inheritdoc/>
    public override TimeGrid Grid(NoiseSchedule schedule, int steps)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        CheckSteps(steps);
        int parts = TimeMin > 0 ? steps - 1 : steps;
        var times = new double[steps];
        for (int i = 0; i < steps; i++)
        {
            double even = parts == 0 ? TimeMax : TimeMax + (TimeMin - TimeMax) * i / parts;
            times[i] = Shift * even / (1 + (Shift - 1) * even);
        }
        return DownToClean(schedule, times);
    }
}
