namespace Microsoft.ML.Diffusion;

/// <summary>
/// A multiple of the time at which a schedule has the level: the timestep 0 … T−1 of DDPM's networks with the factor T − 1 (Ho et al. 2020, arXiv:2006.11239), the
/// time in [0, 1] of flow networks with the factor 1. Levels that the schedule does not reach are told as its nearest end.
/// </summary>
public sealed class ScheduleTimeInput : LevelInput
{
    private const double OneStep = 1 + 1e-6;

    /// <summary>factor·t, where the schedule has the level at time t.</summary>
    /// <param name="schedule">The schedule with which the network was trained.</param>
    /// <param name="factor">The number for t = 1; positive.</param>
    public ScheduleTimeInput(NoiseSchedule schedule, double factor = 1)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        if (!(factor > 0 && double.IsFinite(factor)))
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "The factor must be positive and finite.");
        Schedule = schedule;
        Factor = factor;
    }

    /// <summary>The schedule.</summary>
    public NoiseSchedule Schedule { get; }

    /// <summary>The number for t = 1.</summary>
    public double Factor { get; }

    /// <inheritdoc/>
    public override double Of(NoiseLevel level) => Factor * Schedule.TimeOf(level.LogSnr);

    /// <inheritdoc/>
    /// <remarks>
    /// A sampler rounds times, by one step at most, or starts a little below pure noise in its place: a network that was trained with another schedule is told its own time.
    /// </remarks>
    internal override double Of(NoiseLevel level, double? told)
    {
        double own = Of(level);
        return told is { } time && (Math.Abs(Factor * time - own) <= OneStep || (time == 1 && Schedule.At(1).Alpha == 0)) ? Factor * time : own;
    }
}
