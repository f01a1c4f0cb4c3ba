namespace Microsoft.ML.Diffusion;

/// <summary>
/// A spacing whose last step ends at the smallest noise of the schedule instead of clean data: diffusers' <c>final_sigmas_type=sigma_min</c> and
/// <c>set_alpha_to_one=false</c>. For solvers that can not end at σ = 0.
/// </summary>
/// <param name="inner">The spacing.</param>
public sealed class NoisyEndSpacing(TimeSpacing inner) : TimeSpacing
{
    /// <summary>The spacing.</summary>
    public TimeSpacing Inner { get; } = inner ?? throw new ArgumentNullException(nameof(inner));

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The last step of the spacing already starts at the smallest noise of the schedule.</exception>
    public override TimeGrid Grid(NoiseSchedule schedule, int steps)
    {
        var grid = Inner.Grid(schedule, steps);
        // In the grid's own form: a grid of noise ratios is variance-exploding whatever the schedule.
        double smallest = schedule.RatioRange.Smallest;
        double time = grid.Schedule.TimeOf(-2 * Math.Log(smallest));
        if (!(grid.Levels[grid.Steps - 1].Ratio > smallest * (1 + 1e-9)))
            throw new ArgumentException($"The last step already starts at the smallest noise ratio of the schedule, {smallest}; a spacing that leaves it out is needed, such as {nameof(OpenEndedSpacing)}.");
        return new TimeGrid(grid.Schedule, [.. grid.Times.SkipLast(1), time], [.. grid.Levels.SkipLast(1), grid.Schedule.At(time)]);
    }
}
