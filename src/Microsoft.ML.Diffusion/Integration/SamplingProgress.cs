namespace Microsoft.ML.Diffusion;

/// <summary>How far a sampling run is.</summary>
/// <param name="Evaluation">The number of denoiser calls done.</param>
/// <param name="Evaluations">The number of denoiser calls of the run; null where that depends on the answers.</param>
/// <param name="Level">The level of the last call; that of the batch's first row where rows differ.</param>
/// <param name="AcceptanceRate">The share of proposals accepted so far, over all rows, from samplers that propose and accept; else null.</param>
public readonly record struct SamplingProgress(int Evaluation, int? Evaluations, NoiseLevel Level, double? AcceptanceRate = null);
