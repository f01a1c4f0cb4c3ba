namespace Microsoft.ML.Diffusion;

/// <summary>How far a sampling run is.</summary>
/// <param name="Evaluation">The number of denoiser calls done.</param>
/// <param name="Evaluations">The number of denoiser calls of the run.</param>
/// <param name="Level">The level of the last call.</param>
public readonly record struct SamplingProgress(int Evaluation, int Evaluations, NoiseLevel Level);
