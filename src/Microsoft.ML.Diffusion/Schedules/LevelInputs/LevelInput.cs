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

    /// <summary>The number for a level, where the sampler says what time a network is told.</summary>
    /// <param name="level">The noise level.</param>
    /// <param name="told">The time in the schedule of training; null where it is that of the level.</param>
    internal virtual double Of(NoiseLevel level, double? told) => Of(level);

    /// <summary>The number for each row of a batch.</summary>
    /// <param name="levels">The level of each row.</param>
    /// <param name="rows">The number of rows.</param>
    internal float[] OfRows(NoiseLevels levels, int rows)
    {
        var values = new float[rows];
        for (int row = 0; row < rows; row++)
            values[row] = (float)Of(levels[row], levels.Told);
        return values;
    }
}
