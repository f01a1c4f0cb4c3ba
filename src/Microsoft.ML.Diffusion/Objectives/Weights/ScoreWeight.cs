using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>λ of a noise level: how much it counts in <see cref="DenoisingScoreMatching"/>. A new one is one class and one line in the list of kinds below.</summary>
/// <remarks>Immutable and thread safe.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SigmaPowerWeight), "sigma-power")]
[JsonDerivedType(typeof(LikelihoodWeight), "likelihood")]
public abstract class ScoreWeight
{
    /// <summary>λ of a level; not negative.</summary>
    /// <param name="level">The level.</param>
    /// <param name="time">Its time, where known.</param>
    public abstract double At(NoiseLevel level, double? time);
}
