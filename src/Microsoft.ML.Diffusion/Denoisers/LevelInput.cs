using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// What a network is told about the noise level: one number, such as ln(σ/α)/4 or the timestep of a schedule. It belongs to the weights, as they were trained
/// with it, and is stored with them. A new one is one class and one line in the list of kinds below.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(LogRatioInput), "log-ratio")]
[JsonDerivedType(typeof(ScheduleTimeInput), "schedule-time")]
public abstract class LevelInput
{
    /// <summary>The number for a level; finite, whatever the level.</summary>
    /// <param name="level">The noise level.</param>
    public abstract double Of(NoiseLevel level);
}
