namespace Microsoft.ML.Diffusion;

/// <summary>
/// A spacing with more steps than wanted, of which the cleanest are left out: the last step goes from there to clean data. diffusers' multistep
/// schedulers divide the run into N + 1 parts and leave one out.
/// </summary>
/// <param name="inner">The spacing.</param>
/// <param name="skipped">How many steps are left out; 1 … 131,072. 1 unless given.</param>
public sealed class OpenEndedSpacing(TimeSpacing inner, int skipped = 1) : TimeSpacing
{
    /// <summary>The spacing.</summary>
    public TimeSpacing Inner { get; } = inner ?? throw new ArgumentNullException(nameof(inner));

    /// <summary>How many steps are left out.</summary>
    public int Skipped { get; } = skipped is >= 1 and <= MostSteps ? skipped : throw new ArgumentOutOfRangeException(nameof(skipped), skipped, $"At least 1 step is left out, and at most {MostSteps}.");

    /// <inheritdoc/>
    public override TimeGrid Grid(NoiseSchedule schedule, int steps)
    {
        CheckSteps(steps);
        var grid = Inner.Grid(schedule, steps + Skipped);
        return new TimeGrid(grid.Schedule, [.. grid.Times.SkipLast(Skipped + 1), grid.Times[grid.Steps]], [.. grid.Levels.SkipLast(Skipped + 1), grid.Levels[grid.Steps]]);
    }
}
