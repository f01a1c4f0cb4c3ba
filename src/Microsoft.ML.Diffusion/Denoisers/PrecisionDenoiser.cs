using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A denoiser whose networks, guided or not, compute in a precision of the caller's choice (<see cref="StepContext.Precision"/>).</summary>
internal sealed class PrecisionDenoiser(IDenoiser inner, Precision precision) : IDenoiser
{
    /// <inheritdoc/>
    public bool TakesPrevious => inner.TakesPrevious;

    /// <inheritdoc/>
    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition) => inner.Denoise(x, step with { Precision = precision }, condition);
}
