using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>The answer of a denoiser; the caller owns the tensors.</summary>
/// <param name="X0">The estimate x̂0 [B, ...] of the clean data.</param>
/// <param name="LogVariance">
/// The logarithm of the variance of a reverse step, [B, ...], from networks that learn it (Nichol and Dhariwal 2021,
/// arXiv:2102.09672, eq. 15); else null.
/// </param>
public readonly record struct Denoised(Tensor X0, Tensor? LogVariance = null);
