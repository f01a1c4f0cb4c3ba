using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>What a denoiser is told about the step in which it is asked.</summary>
/// <param name="Level">The noise level of each row of x.</param>
/// <param name="Target">
/// The level to which the sampling step goes, where there is one: guidance by mean shift (Dhariwal and Nichol 2021,
/// arXiv:2105.05233, Algorithm 1) depends on it.
/// </param>
/// <param name="NoiseVariance">The variance of the noise that the step adds; 0 for deterministic steps.</param>
/// <param name="Previous">
/// The estimate x̂0 [B, ...] of the evaluation before, for denoisers that take it (<see cref="IDenoiser.TakesPrevious"/>); null at first, and where an answer must depend on x alone.
/// </param>
/// <param name="Precision">In which precision networks compute; that of their weights where null.</param>
public readonly record struct StepContext(NoiseLevels Level, NoiseLevel? Target = null, double NoiseVariance = 0, Tensor? Previous = null, Precision? Precision = null);
