namespace Microsoft.ML.Diffusion;

/// <summary>
/// A spacing of even steps in the schedule's time: whole steps of a discrete schedule as diffusers' <c>set_timesteps</c> picks them,
/// times in between on a continuous one. The last point is clean data.
/// </summary>
public abstract class EvenSpacing : TimeSpacing
{
    private protected EvenSpacing()
    {
    }

    /// <inheritdoc/>
    public sealed override TimeGrid Grid(NoiseSchedule schedule, int steps)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        CheckSteps(steps);
        if (schedule is DiscreteSchedule discrete)
        {
            CheckSteps(discrete, steps);
            return discrete.Grid(PickSteps(discrete.Steps, steps));
        }
        double first = schedule.TimeOf(-2 * Math.Log(schedule.RatioRange.Smallest));
        var times = new double[steps];
        for (int i = 0; i < steps; i++)
            times[i] = PickTime(first, steps, i);
        return DownToClean(schedule, times);
    }

    /// <summary>The steps of a discrete schedule that are visited, falling.</summary>
    /// <param name="total">The number of steps of the schedule.</param>
    /// <param name="count">The number of steps to visit.</param>
    private protected abstract int[] PickSteps(int total, int count);

    /// <summary>A time of a continuous schedule; falls with the index.</summary>
    /// <param name="first">The time of the smallest noise ratio above 0 that sampling visits.</param>
    /// <param name="count">The number of times to visit.</param>
    /// <param name="index">The index of the time, from 0.</param>
    private protected abstract double PickTime(double first, int count, int index);
}
