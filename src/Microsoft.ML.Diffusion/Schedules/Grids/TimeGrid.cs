namespace Microsoft.ML.Diffusion;

/// <summary>
/// The points a sampling run visits: <see cref="Steps"/> + 1 times from noise to data, each with its level. Levels and the path
/// between them always agree: a grid made of levels joins them by straight lines in (α, σ), so that Euler's method is DDIM; a grid made
/// of times alone follows its schedule, with the schedule's own levels and derivatives.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class TimeGrid
{
    // Rounding of a time and back; beyond the end of a schedule the difference is that of the levels.
    private const double SameLogSnr = 1e-6;
    // So near, relatively, two noise ratios are one.
    private const double Near = 1e-9;

    private readonly double[] _times;
    private readonly NoiseLevel[] _levels;
    private readonly GridExtras? _extras;

    /// <summary>A grid of levels, joined by straight lines.</summary>
    /// <param name="schedule">The schedule that the times belong to.</param>
    /// <param name="times">Strictly falling times, at least two. The clean end may lie below 0, outside the schedule.</param>
    /// <param name="levels">The level at each time; σ/α must fall strictly. Only the last may be clean, only the first pure noise.</param>
    /// <exception cref="ArgumentException">The lengths differ, or times or levels do not fall; names the offending point.</exception>
    public TimeGrid(NoiseSchedule schedule, IReadOnlyList<double> times, IReadOnlyList<NoiseLevel> levels)
        : this(schedule, Copy(times), Copy(levels), false)
    {
    }

    /// <summary>A grid that follows its schedule: ODE solvers integrate in the schedule's own time, by its derivatives.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="times">Strictly falling times in [0, 1], at least two.</param>
    /// <exception cref="ArgumentException">Times do not fall.</exception>
    public TimeGrid(NoiseSchedule schedule, IReadOnlyList<double> times)
        : this(schedule, Copy(times), LevelsOf(schedule, times), true)
    {
    }

    /// <summary>A grid of levels with what a scheduler beside says of it. The last step may stay where it starts, and times may repeat where the schedule does not reach a level.</summary>
    internal TimeGrid(NoiseSchedule schedule, double[] times, NoiseLevel[] levels, GridExtras extras)
        : this(schedule, times, levels, false, extras)
    {
    }

    private TimeGrid(NoiseSchedule schedule, double[] times, NoiseLevel[] levels, bool followsSchedule, GridExtras? extras = null)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        if (times.Length < 2 || times.Length != levels.Length)
            throw new ArgumentException($"A grid needs at least two times and as many levels, got {times.Length} times and {levels.Length} levels.", nameof(times));
        for (int i = 0; i < times.Length; i++)
        {
            var (alpha, sigma) = levels[i];
            if (!(double.IsFinite(alpha) && double.IsFinite(sigma) && alpha >= 0 && sigma >= 0 && alpha + sigma > 0))
                throw new ArgumentException($"Level {i} is {levels[i]}: α and σ must be finite, not negative, and not both 0.", nameof(levels));
            if (!double.IsFinite(times[i]) || (i > 0 && !(times[i] < times[i - 1] || (extras is not null && times[i] == times[i - 1]))))
                throw new ArgumentException($"Times must be finite and fall strictly, but time {i} is {times[i]}{(i > 0 ? $" after {times[i - 1]}" : "")}.", nameof(times));
            bool mayStay = extras is not null && i == times.Length - 1 && levels[i] == levels[i - 1];
            if (i > 0 && !mayStay && !(levels[i].Ratio < levels[i - 1].Ratio))
                throw new ArgumentException($"Levels must get cleaner strictly, but level {i} is {levels[i]} after {levels[i - 1]}.", nameof(levels));
        }
        Schedule = schedule;
        FollowsSchedule = followsSchedule;
        _times = times;
        _levels = levels;
        _extras = extras;
    }

    /// <summary>The schedule that the times belong to.</summary>
    public NoiseSchedule Schedule { get; }

    /// <summary>Whether levels move along the schedule between the points, rather than along straight lines.</summary>
    public bool FollowsSchedule { get; }

    /// <summary>The number of steps: one less than the number of points.</summary>
    public int Steps => _times.Length - 1;

    /// <summary>The times, strictly falling.</summary>
    public IReadOnlyList<double> Times => _times;

    /// <summary>The level at each time, strictly cleaner from point to point.</summary>
    public IReadOnlyList<NoiseLevel> Levels => _levels;

    /// <summary>The standard deviation of the noise with which a run on this grid starts.</summary>
    public double PriorScale => _extras?.PriorScale ?? Schedule.PriorScale(_levels[0]);

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
            throw new ArgumentException($"A grid needs at least two noise ratios, and a positive, finite first one, got [{string.Join(", ", ratios)}].", nameof(ratios));
        for (int i = 1; i < ratios.Count; i++)
            if (!(ratios[i] >= 0 && ratios[i] < ratios[i - 1]))
                throw new ArgumentException($"Noise ratios must fall strictly, to 0 or more, but ratio {i} is {ratios[i]} after {ratios[i - 1]}.", nameof(ratios));
        double largest = ratios[0];
        double smallest = ratios.LastOrDefault(ratio => ratio > 0 && ratio < largest, largest / 2);
        return new TimeGrid(new EdmSchedule(smallest, largest),
            [.. ratios.Select(ratio => ratio / largest)], [.. ratios.Select(NoiseLevel.FromRatio)]);
    }

    /// <summary>The same noise ratios in variance-exploding form: see <see cref="FromRatios"/>.</summary>
    /// <exception cref="ArgumentException">The grid starts at pure noise (α = 0), whose ratio is infinite.</exception>
    public TimeGrid ToRatios() => FromRatios([.. _levels.Select(level => level.Ratio)]);

    /// <summary>A part of the grid.</summary>
    /// <param name="first">The index of its first point.</param>
    /// <param name="last">The index of its last point, above <paramref name="first"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such part; names the range.</exception>
    public TimeGrid Slice(int first, int last)
    {
        if (!(first >= 0 && first < last && last <= Steps))
            throw new ArgumentOutOfRangeException(nameof(first), $"Expected 0 <= first < last <= {Steps}, got {first} and {last}.");
        return new TimeGrid(Schedule, _times[first..(last + 1)], _levels[first..(last + 1)], FollowsSchedule, _extras?.Slice(first, last));
    }

    /// <summary>The rest of a run from a level on: the level, in the grid's own form of α and σ, then the cleaner points of the grid.</summary>
    /// <param name="level">A level between the first and the last of the grid: only its noise ratio counts.</param>
    /// <exception cref="ArgumentOutOfRangeException">The level is noisier than the grid, or too clean for a step; names the range.</exception>
    public TimeGrid From(NoiseLevel level)
    {
        double ratio = level.Ratio;
        double smallest = Schedule.RatioRange.Smallest;
        if (!(ratio <= _levels[0].Ratio * (1 + Near) && ratio > _levels[^1].Ratio && ratio >= smallest * (1 - Near)))
            throw new ArgumentOutOfRangeException(nameof(level), level, $"Sampling can start at noise ratios σ/α from {Math.Max(smallest, _levels[^1].Ratio):g6} to {_levels[0].Ratio:g6}, got {ratio:g6}.");
        int next = Array.FindIndex(_levels, point => point.Ratio < ratio * (1 + Near));
        // A step from a point of the grid to itself would be none.
        if (_levels[next].Ratio > ratio * (1 - Near))
            return Slice(next, Steps);
        double time = Schedule.TimeOf(level.LogSnr);
        return new TimeGrid(Schedule, [time, .. _times[next..]], [Schedule.At(time), .. _levels[next..]], FollowsSchedule, _extras?.From(next));
    }

    /// <summary>A point of the grid.</summary>
    /// <param name="index">Its index.</param>
    internal GridPoint Point(int index) => new(_levels[index], _times[index], _extras?.Told[index]);

    /// <summary>The level to which a step goes: that of the next point, unless the scheduler goes another way down than its points lie.</summary>
    /// <param name="step">The index of the step.</param>
    internal NoiseLevel Arrival(int step) => _extras?.Arrivals is { } arrivals ? arrivals[step] : _levels[step + 1];

    /// <summary>The point whose noise ratio is larger by a factor: on the schedule where the grid follows it and it goes so far, else with the same α.</summary>
    /// <param name="index">The index of the point above which it lies.</param>
    /// <param name="factor">The factor; at least 1.</param>
    internal GridPoint Noisier(int index, double factor)
    {
        var level = _levels[index];
        double logSnr = level.LogSnr - 2 * Math.Log(factor);
        if (FollowsSchedule && Schedule.TimeOf(logSnr) is var time && Schedule.At(time) is var found && Math.Abs(found.LogSnr - logSnr) < SameLogSnr)
            return new GridPoint(found, time);
        return new GridPoint(level with { Sigma = factor * level.Sigma }, null);
    }

    private static T[] Copy<T>(IReadOnlyList<T> source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return [.. source];
    }

    private static NoiseLevel[] LevelsOf(NoiseSchedule schedule, IReadOnlyList<double> times)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(times);
        return [.. times.Select(schedule.At)];
    }
}
