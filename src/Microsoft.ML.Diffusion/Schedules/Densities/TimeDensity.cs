using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// From which density training draws its times on a continuous schedule: a map of uniform numbers to times. A new density is one class and one
/// line in the list of kinds below.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(UniformTimeDensity), "uniform")]
[JsonDerivedType(typeof(LogitNormalTimeDensity), "logit-normal")]
[JsonDerivedType(typeof(ModeTimeDensity), "mode")]
public abstract class TimeDensity
{
    /// <summary>The time that belongs to a uniform number.</summary>
    /// <param name="u">A uniform number in (0, 1).</param>
    /// <returns>A time in (0, 1).</returns>
    public abstract double Time(double u);
}
