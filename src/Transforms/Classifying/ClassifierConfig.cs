namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A classifier as model files keep it.</summary>
/// <param name="Classifier">The classifier.</param>
/// <param name="Spec">The noisy data that it was trained on.</param>
/// <param name="Columns">Its columns.</param>
internal sealed record ClassifierConfig(IClassifier Classifier, NoisyDataSpec Spec, ClassifierColumns Columns);
