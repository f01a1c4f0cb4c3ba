using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Estimates clean data from noisy data: <c>x̂0 = D(x, level, condition)</c>. Networks, exact densities and guided
/// denoisers all look like this, so every sampler works with each of them.
/// </summary>
/// <remarks>
/// Homogeneous: an answer for x at (α, σ) is the answer for x/α at (1, σ/α). Implementations are thread safe, never dispose
/// their inputs, and leave no tensor behind but the result. Whether gradients are recorded is the caller's choice.
/// </remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(NetworkDenoiser), "network")]
[JsonDerivedType(typeof(EnsembleDenoiser), "ensemble")]
public interface IDenoiser
{
    /// <summary>Whether an answer depends on the one before (<see cref="StepContext.Previous"/>). A denoiser around another says what that says.</summary>
    [JsonIgnore]
    bool TakesPrevious => false;

    /// <summary>The networks that it asks, whose weights a model file would hold.</summary>
    [JsonIgnore]
    IEnumerable<TrainedNetwork> Networks => [];

    /// <summary>Estimates the clean data of a batch.</summary>
    /// <param name="x">The noisy batch x [B, ...].</param>
    /// <param name="step">The noise level of x, and where a sampling step goes from it.</param>
    /// <param name="condition">The condition of each row.</param>
    /// <returns>x̂0 [B, ...], a fresh tensor that the caller owns.</returns>
    Denoised Denoise(Tensor x, in StepContext step, Conditioning condition);
}
