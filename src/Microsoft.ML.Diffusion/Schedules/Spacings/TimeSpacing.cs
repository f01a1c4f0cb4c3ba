using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>A rule that picks the times of a sampling run from a schedule.</summary>
/// <remarks>Immutable and thread safe.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(KarrasSpacing), "karras")]
[JsonDerivedType(typeof(ExponentialSpacing), "exponential")]
[JsonDerivedType(typeof(TrailingSpacing), "trailing")]
[JsonDerivedType(typeof(LeadingSpacing), "leading")]
[JsonDerivedType(typeof(LinspaceSpacing), "linspace")]
[JsonDerivedType(typeof(FractionalLinspaceSpacing), "fractional-linspace")]
[JsonDerivedType(typeof(QuadraticSpacing), "quadratic")]
[JsonDerivedType(typeof(StridedSpacing), "strided")]
[JsonDerivedType(typeof(SectionSpacing), "sections")]
[JsonDerivedType(typeof(LogSnrSpacing), "log-snr")]
[JsonDerivedType(typeof(BetaSpacing), "beta")]
[JsonDerivedType(typeof(ShiftedSpacing), "shifted")]
[JsonDerivedType(typeof(OpenEndedSpacing), "open-ended")]
[JsonDerivedType(typeof(NoisyEndSpacing), "noisy-end")]
[JsonDerivedType(typeof(SchedulerSpacing), "scheduler")]
[JsonDerivedType(typeof(SchedulerFlowSpacing), "scheduler-flow")]
[JsonDerivedType(typeof(EdmSpacing), "scheduler-edm")]
[JsonDerivedType(typeof(LcmSpacing), "scheduler-lcm")]
public abstract class TimeSpacing
{
    /// <summary>The largest number of steps of a run.</summary>
    private protected const int MostSteps = 1 << 17;

    /// <summary>The grid of a run with a number of steps, from the noisiest time down to clean data.</summary>
    /// <param name="schedule">The schedule of the model.</param>
    /// <param name="steps">The number of steps; 1 … 131,072.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="steps"/> is below 1 or above 131,072, or above what the schedule has.</exception>
    public abstract TimeGrid Grid(NoiseSchedule schedule, int steps);

    private protected static void CheckSteps(int steps)
    {
        if (steps is < 1 or > MostSteps)
            throw new ArgumentOutOfRangeException(nameof(steps), steps, $"Sampling needs at least 1 step, and takes at most {MostSteps}.");
    }

    private protected static void CheckSteps(DiscreteSchedule schedule, int steps)
    {
        if (steps > schedule.Steps)
            throw new ArgumentOutOfRangeException(nameof(steps), steps, $"The schedule has {schedule.Steps} steps; sampling can not have more.");
    }

    /// <summary>The grid of the schedule's own levels at some times, and clean data at its end.</summary>
    private protected static TimeGrid DownToClean(NoiseSchedule schedule, double[] times)
    {
        // Clean data is time 0, or lies below it where a schedule's own time 0 is not clean.
        double clean = times[^1] > 0 ? 0 : -1.0 / times.Length;
        return new TimeGrid(schedule, [.. times, clean], [.. times.Select(schedule.At), NoiseLevel.Clean]);
    }
}
