namespace Microsoft.ML.Diffusion;

/// <summary>What a scheduler of diffusers says: how a network was trained, and how it is sampled from.</summary>
/// <param name="Schedule">The noise schedule of training.</param>
/// <param name="Parameterization">What the network predicts.</param>
/// <param name="LevelInput">What the network is told about the noise level.</param>
/// <param name="Solver">The solver.</param>
/// <param name="Spacing">Which times its steps visit.</param>
/// <param name="Clip">The limit of x̂0; null for none.</param>
internal sealed record SchedulerSettings(
    NoiseSchedule Schedule, Parameterization Parameterization, LevelInput LevelInput, ISolver Solver, TimeSpacing Spacing, double? Clip)
{
    /// <summary>The options of the file that the class does not have, and drops.</summary>
    public IReadOnlyList<string> Dropped { get; init; } = [];

    /// <summary>The channels that the data must have for the scheduler to be right about it, and the option that says so; null for any.</summary>
    public (int Count, string Option)? Channels { get; init; }

    /// <summary>Refuses data of other channels than the scheduler takes.</summary>
    /// <exception cref="NotSupportedException">They differ; names the option.</exception>
    public void CheckChannels(int channels)
    {
        if (Channels is { } needed && needed.Count != channels)
            throw new NotSupportedException($"The scheduler's option {needed.Option} keeps the first {needed.Count} channels of the network's answer, but the data has {channels}.");
    }

    /// <summary>Of a network that is told the timesteps of its table.</summary>
    /// <param name="schedule">The table.</param>
    /// <param name="parameterization">What the network predicts.</param>
    /// <param name="solver">The solver.</param>
    /// <param name="spacing">Which times its steps visit.</param>
    /// <param name="limit">The limit of x̂0; null for none.</param>
    public static SchedulerSettings Of(DiscreteSchedule schedule, Parameterization parameterization, ISolver solver, TimeSpacing spacing, EstimateLimit? limit = null)
        => new SchedulerSettings(schedule, parameterization, KnownLevelInputs.Timestep(schedule), solver, spacing, null).Within(limit);

    /// <summary>The same with a limit of x̂0: of all that the solver computes with.</summary>
    public SchedulerSettings Within(EstimateLimit? limit) => limit switch
    {
        null => this,
        { Quantile: null } => this with { Clip = limit.Largest },
        _ => this with { Solver = new LimitedSolver(Solver, limit) },
    };
}
