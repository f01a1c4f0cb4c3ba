namespace Microsoft.ML.Diffusion;

/// <summary>
/// RePaint's jumps: after each stretch of steps the state is noised again to where the stretch began, and the stretch is repeated
/// (Lugmayr et al. 2022, arXiv:2201.09865, section 4.2 and appendix B).
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
/// <param name="length">j, the number of steps of a stretch; at least 1. 10 unless given.</param>
/// <param name="count">r, how often each stretch is run; 1 … 1,000. 10 unless given.</param>
/// <param name="lead">
/// By how much the forward steps of a jump run ahead in the schedule's time; in [0, 1]. 0 unless given: a jump then ends at exactly the level from which the
/// next step starts. diffusers' RePaintScheduler takes them one stride less one training step too late in the table of β, and its states are noisier than the
/// network is told.
/// </param>
public sealed class Resampling(int length = 10, int count = 10, double lead = 0)
{
    // Plans hold every step.
    private const int MostRuns = 1000;

    /// <summary>The number of steps of a stretch.</summary>
    public int Length { get; } = length >= 1 ? length : throw new ArgumentOutOfRangeException(nameof(length), length, "The length of a jump must be at least 1 step.");

    /// <summary>How often each stretch is run.</summary>
    public int Count { get; } = count is >= 1 and <= MostRuns ? count : throw new ArgumentOutOfRangeException(nameof(count), count, $"A stretch must be run at least once, and at most {MostRuns} times.");

    /// <summary>By how much the forward steps of a jump run ahead in the schedule's time.</summary>
    public double Lead { get; } = lead is >= 0 and <= 1 ? lead : throw new ArgumentOutOfRangeException(nameof(lead), lead, "The lead must be in [0, 1].");

    /// <summary>The way through a grid: (from, to) are points of it, falling towards noise where the state is noised again.</summary>
    /// <param name="steps">The number of steps of the grid.</param>
    internal IEnumerable<(int From, int To)> Walk(int steps)
    {
        // Jumps lie 0, j, 2j … steps before the end (the authors' get_schedule_jump); the stretch at the noisy end is not repeated.
        int at = 0;
        for (int left = (steps - 1 - Length) / Length * Length; left >= 0 && steps > Length; left -= Length)
        {
            int stop = steps - left;
            yield return (at, stop);
            for (int i = 1; i < Count; i++)
            {
                yield return (stop, stop - Length);
                yield return (stop - Length, stop);
            }
            at = stop;
        }
        if (at < steps)
            yield return (at, steps);
    }

    /// <summary>Noises a state from a point of a grid to a noisier one, in one draw.</summary>
    internal LinearExpression Renoise(PlanTracer trace, TimeGrid grid, LinearExpression x, int from, int to)
        => trace.Renoise(x, LevelAt(grid, from), LevelAt(grid, to));

    // Clean data lies before all steps, whatever the lead.
    private NoiseLevel LevelAt(TimeGrid grid, int point)
        => Lead == 0 || grid.Levels[point].Sigma == 0 ? grid.Levels[point] : grid.Schedule.At(Math.Min(grid.Times[point] + Lead, 1));
}
