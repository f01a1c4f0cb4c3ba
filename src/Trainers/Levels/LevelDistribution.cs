using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Which noise levels training draws, and how often. A new one is one class and one line in the list of kinds below.</summary>
/// <remarks>Immutable and thread safe.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ScheduleLevels), "schedule")]
[JsonDerivedType(typeof(LogNormalLevels), "log-normal")]
[JsonDerivedType(typeof(DensityLevels), "density")]
[JsonDerivedType(typeof(KarrasLevels), "karras")]
[JsonDerivedType(typeof(ImportanceLevels), "importance")]
[JsonDerivedType(typeof(SamplingLevels), "sampling")]
public abstract class LevelDistribution
{
    /// <summary>The map from uniform numbers to times: the quantile function of their density.</summary>
    /// <param name="u">A uniform number in (0, 1).</param>
    /// <param name="schedule">The noise schedule.</param>
    /// <returns>A time of the schedule, in [0, 1].</returns>
    public abstract double Time(double u, NoiseSchedule schedule);

    /// <summary>What draws the levels of one run.</summary>
    internal virtual LevelSampler Start(NoiseSchedule schedule) => new(this, schedule);
}
