namespace Microsoft.ML.Diffusion;

/// <summary>Ready ways to tell a network the noise level.</summary>
public static class KnownLevelInputs
{
    private const double UsualSteps = 1000;

    /// <summary>ln(σ/α)/4, as EDM does: what networks are told unless they say otherwise.</summary>
    public static LevelInput LogRatio { get; } = new LogRatioInput();

    /// <summary>The timestep of a schedule: 0 … T−1 where it has T steps, else a time in [0, 1] in thousandths.</summary>
    /// <param name="schedule">The schedule with which the network is trained.</param>
    public static LevelInput Timestep(NoiseSchedule schedule) => new ScheduleTimeInput(schedule, schedule is DiscreteSchedule discrete ? discrete.Steps - 1 : UsualSteps);

    /// <summary>The time in [0, 1] of a schedule.</summary>
    /// <param name="schedule">The schedule with which the network is trained.</param>
    public static LevelInput Time(NoiseSchedule schedule) => new ScheduleTimeInput(schedule);
}
