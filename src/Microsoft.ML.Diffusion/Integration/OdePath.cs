namespace Microsoft.ML.Diffusion;

/// <summary>
/// How the level moves on the way between the first and the last noisy point of a grid: along the schedule, in its time, where the grid follows it; else along the
/// straight line between the two levels, in the distance from the cleaner one, which on a grid of noise ratios is σ up to a constant. The flow of the probability-flow
/// ODE does not depend on the path.
/// </summary>
internal sealed class OdePath
{
    private readonly NoiseSchedule? _schedule;
    private readonly NoiseLevel _noisyLevel;
    private readonly NoiseLevel _cleanLevel;
    private readonly LevelDerivative _direction;

    private OdePath(NoiseSchedule schedule, double noisy, double clean)
    {
        _schedule = schedule;
        Noisy = noisy;
        Clean = clean;
    }

    private OdePath(NoiseLevel noisy, NoiseLevel clean)
    {
        double alpha = noisy.Alpha - clean.Alpha, sigma = noisy.Sigma - clean.Sigma;
        Noisy = Math.Sqrt(alpha * alpha + sigma * sigma);
        _noisyLevel = noisy;
        _cleanLevel = clean;
        _direction = new LevelDerivative(alpha / Noisy, sigma / Noisy);
    }

    /// <summary>The time at the noisy end.</summary>
    public double Noisy { get; }

    /// <summary>The time at the clean end.</summary>
    public double Clean { get; }

    /// <summary>
    /// The path of a grid. Where the grid ends at clean data, at which the noise in the data is not defined, the path ends at the smallest noise ratio that the
    /// schedule has.
    /// </summary>
    public static OdePath Of(TimeGrid grid)
    {
        var schedule = grid.Schedule;
        NoiseLevel first = grid.Levels[0], last = grid.Levels[^1];
        bool endsClean = last.Sigma == 0;
        double smallest = SmallestRatio(grid);
        if (grid.FollowsSchedule)
        {
            double end = endsClean ? schedule.TimeOf(-2 * Math.Log(smallest)) : grid.Times[^1];
            var path = new OdePath(schedule, grid.Times[0], end);
            if (IsFinite(path.VelocityAt(path.Noisy)) && IsFinite(path.VelocityAt(end)))
                return path;
        }
        return new OdePath(first, endsClean ? OnLine(first, last, smallest) : last);
    }

    /// <summary>The noise ratio at which sampling on a grid that ends at clean data asks the denoiser last: the schedule's smallest, or a smaller one of the grid.</summary>
    public static double SmallestRatio(TimeGrid grid)
    {
        double ofGrid = grid.Levels[^2].Ratio, ofSchedule = grid.Schedule.RatioRange.Smallest;
        return ofSchedule < ofGrid ? ofSchedule : grid.Steps > 1 ? ofGrid : ofGrid / 2;
    }

    /// <summary>The level at a time.</summary>
    public NoiseLevel LevelAt(double time)
    {
        if (_schedule is not null)
            return _schedule.At(time);
        // Both ends to the last digit.
        double share = time / Noisy;
        return new NoiseLevel(
            share * _noisyLevel.Alpha + (1 - share) * _cleanLevel.Alpha,
            share * _noisyLevel.Sigma + (1 - share) * _cleanLevel.Sigma);
    }

    /// <summary>The derivative of the level at a time.</summary>
    public LevelDerivative VelocityAt(double time) => _schedule?.DerivativeAt(time) ?? _direction;

    /// <summary>The levels of a batch.</summary>
    /// <exception cref="InvalidOperationException">The path ends before a time.</exception>
    public NoiseLevels LevelsAt(double[] times)
    {
        NoiseLevel[] levels = [.. times.Select(LevelAt)];
        foreach (var level in levels)
            if (!(level.Alpha >= 0 && level.Sigma > 0))
                throw new InvalidOperationException($"The integration went past the end of the schedule, to {level}: use KnownStepControls.Clipped.");
        return new NoiseLevels(levels, _schedule is null ? [] : times);
    }

    // The level of a noise ratio on the line between two levels.
    private static NoiseLevel OnLine(NoiseLevel from, NoiseLevel to, double ratio)
    {
        double share = (from.Sigma - ratio * from.Alpha) / (ratio * (to.Alpha - from.Alpha) - (to.Sigma - from.Sigma));
        return new NoiseLevel(from.Alpha + share * (to.Alpha - from.Alpha), from.Sigma + share * (to.Sigma - from.Sigma));
    }

    private static bool IsFinite(LevelDerivative derivative) => double.IsFinite(derivative.Alpha) && double.IsFinite(derivative.Sigma);
}
