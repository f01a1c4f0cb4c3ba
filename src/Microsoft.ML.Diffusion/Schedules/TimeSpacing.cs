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
public abstract class TimeSpacing
{
    /// <summary>The grid of a run with a number of steps, from the noisiest time down to clean data.</summary>
    /// <param name="schedule">The schedule of the model.</param>
    /// <param name="steps">The number of steps; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="steps"/> is below 1, or above what the schedule has.</exception>
    public abstract TimeGrid Grid(NoiseSchedule schedule, int steps);

    private protected static void CheckSteps(int steps)
    {
        if (steps < 1)
            throw new ArgumentOutOfRangeException(nameof(steps), steps, "Sampling needs at least 1 step.");
    }
}
