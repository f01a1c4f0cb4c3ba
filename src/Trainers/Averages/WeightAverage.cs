using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>A moving average of the weights over training, which the model keeps: samples from it are far better than from the last weights.</summary>
/// <remarks>Immutable and thread safe. The average begins at the weights after the first step. A new one is one class, and one line in the list of kinds below.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(PowerFunctionAverage), "power-function")]
[JsonDerivedType(typeof(ExponentialAverage), "exponential")]
[JsonDerivedType(typeof(ThinnedAverage), "thinned")]
public abstract class WeightAverage
{
    /// <summary>How much of the average a step replaces by its own weights, in [0, 1]: 1 − β.</summary>
    /// <param name="step">The number of the step, from 1.</param>
    public abstract double WeightAt(long step);
}
