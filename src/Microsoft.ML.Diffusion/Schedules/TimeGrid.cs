namespace Microsoft.ML.Diffusion;

/// <summary>
/// The times a sampling run visits: <see cref="Steps"/> + 1 points from noise to data, each with its level, and the
/// schedule for derivatives and for points in between. Time is the variable in which ODE solvers integrate.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class TimeGrid
{
    private readonly double[] _times;
    private readonly NoiseLevel[] _levels;

    /// <summary>A grid of times with explicit levels.</summary>
    /// <param name="schedule">The schedule that the times belong to.</param>
    /// <param name="times">Strictly falling times, at least two.</param>
    /// <param name="levels">The level at each time; σ/α must fall strictly. Only the last may be clean.</param>
    /// <exception cref="ArgumentException">The lengths differ, or times or levels do not fall; names the offending point.</exception>
    public TimeGrid(NoiseSchedule schedule, IReadOnlyList<double> times, IReadOnlyList<NoiseLevel> levels)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(times);
        ArgumentNullException.ThrowIfNull(levels);
        if (times.Count < 2 || times.Count != levels.Count)
            throw new ArgumentException($"A grid needs at least two times and as many levels, got {times.Count} times and {levels.Count} levels.", nameof(times));
        for (int i = 0; i < times.Count; i++)
        {
            var (alpha, sigma) = levels[i];
            if (!(double.IsFinite(alpha) && double.IsFinite(sigma) && alpha >= 0 && sigma >= 0 && alpha + sigma > 0))
                throw new ArgumentException($"Level {i} is {levels[i]}: α and σ must be finite, not negative, and not both 0.", nameof(levels));
            if (i > 0 && !(times[i] < times[i - 1]))
                throw new ArgumentException($"Times must fall strictly, but time {i} is {times[i]} after {times[i - 1]}.", nameof(times));
            if (i > 0 && !(levels[i].Ratio < levels[i - 1].Ratio))
                throw new ArgumentException($"Levels must get cleaner strictly, but level {i} is {levels[i]} after {levels[i - 1]}.", nameof(levels));
        }
        Schedule = schedule;
        _times = [.. times];
        _levels = [.. levels];
    }

    /// <summary>A grid of times whose levels the schedule gives.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="times">Strictly falling times in [0, 1], at least two.</param>
    /// <exception cref="ArgumentException">Times do not fall.</exception>
    public TimeGrid(NoiseSchedule schedule, IReadOnlyList<double> times)
        : this(schedule, times, [.. times.Select(schedule.At)])
    {
    }

    /// <summary>The schedule that the times belong to.</summary>
    public NoiseSchedule Schedule { get; }

    /// <summary>The number of steps: one less than the number of points.</summary>
    public int Steps => _times.Length - 1;

    /// <summary>The times, strictly falling.</summary>
    public IReadOnlyList<double> Times => _times;

    /// <summary>The level at each time, strictly cleaner from point to point.</summary>
    public IReadOnlyList<NoiseLevel> Levels => _levels;

    /// <summary>The standard deviation of the noise with which a run on this grid starts.</summary>
    public double PriorScale => Schedule.PriorScale(_levels[0]);

    /// <summary>
    /// A grid of noise ratios in variance-exploding form: α = 1, σ = ratio, and time proportional to σ, as k-diffusion and
    /// EDM sample (Karras et al. 2022, arXiv:2206.00364). Denoisers answer alike for x at (α, σ) and x/α at (1, σ/α),
    /// so it serves models of any Gaussian schedule.
    /// </summary>
    /// <param name="ratios">σ/α of each point, strictly falling, at least two; the last may be 0.</param>
    /// <exception cref="ArgumentException">The ratios do not fall.</exception>
    public static TimeGrid FromRatios(IReadOnlyList<double> ratios)
    {
        ArgumentNullException.ThrowIfNull(ratios);
        if (ratios.Count < 2 || !(ratios[0] > 0) || !double.IsFinite(ratios[0]))
            throw new ArgumentException("A grid needs at least two noise ratios, and a positive, finite first one.", nameof(ratios));
        double largest = ratios[0];
        double smallest = ratios.LastOrDefault(ratio => ratio > 0 && ratio < largest, largest / 2);
        return new TimeGrid(new EdmSchedule(smallest, largest),
            [.. ratios.Select(ratio => ratio / largest)], [.. ratios.Select(NoiseLevel.FromRatio)]);
    }
}
