using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// A step of the reverse SDE from one level to the next: the predictor of Song et al. 2021 (arXiv:2011.13456, algorithm 1).
/// </summary>
/// <remarks>Immutable and thread safe. A new predictor is one class and one line in the list of kinds below, under which it is stored in model files.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ReverseDiffusionPredictor), "reverse-diffusion")]
[JsonDerivedType(typeof(EulerMaruyamaPredictor), "euler-maruyama")]
[JsonDerivedType(typeof(AncestralPredictor), "ancestral")]
public interface IPredictor
{
    /// <summary>The distribution of the state after the step: a mean and the standard deviation of the noise around it.</summary>
    /// <param name="step">The step.</param>
    /// <param name="x">The state.</param>
    (LinearExpression Mean, double Deviation) Predict(PredictorCorrectorStep step, LinearExpression x);
}
