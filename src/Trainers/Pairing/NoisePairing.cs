using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Which row of a batch gets which of its noises. A new one is one class and one line in the list of kinds below.</summary>
/// <remarks>Asked about the rows of equal conditions of a batch, so that each condition keeps all of the noise. Immutable and thread safe. Data and noise stay what they were, each for itself; only who meets whom changes.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(IndependentPairing), "independent")]
[JsonDerivedType(typeof(OptimalTransportPairing), "optimal-transport")]
public abstract class NoisePairing
{
    /// <summary>Whether it looks at the samples, which must lie in the CPU's memory then. True unless overridden.</summary>
    [JsonIgnore]
    public virtual bool ReadsSamples => true;

    /// <summary>The noise of each row, a permutation of 0 … rows − 1; null for its own.</summary>
    /// <param name="samples">The rows in model space, one after the other.</param>
    /// <param name="noise">The noises, one after the other.</param>
    /// <param name="rows">The number of rows.</param>
    public abstract int[]? Pair(ReadOnlySpan<float> samples, ReadOnlySpan<float> noise, int rows);
}
