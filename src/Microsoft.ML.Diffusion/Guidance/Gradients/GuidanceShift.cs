using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// How the gradient of a logarithm of probability by the noisy x becomes a shift of the estimate x̂0. A new one is one class, one line in the list of kinds below, and one of
/// <see cref="KnownGuidanceShifts"/>.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ScoreShift), "score")]
[JsonDerivedType(typeof(MeanShift), "mean")]
public abstract class GuidanceShift
{
    /// <summary>The shift of x̂0.</summary>
    /// <param name="gradient">∇ ln p by x [B, ...], times the scale.</param>
    /// <param name="step">The level of x, and where the step goes.</param>
    /// <param name="logVariance">The logarithm of the variance of the step [B, ...] where the network learned it; else null.</param>
    /// <returns>[B, ...], a fresh tensor.</returns>
    /// <exception cref="InvalidOperationException">The step is none that this can guide; says why.</exception>
    public abstract Tensor Of(Tensor gradient, in StepContext step, Tensor? logVariance);
}
