using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A denoiser that a transformer gives: it answers as long as the transformer is not disposed.</summary>
/// <param name="inner">The denoiser.</param>
/// <param name="lifetime">The transformer's.</param>
internal sealed class LivingDenoiser(IDenoiser inner, Lifetime lifetime) : IDenoiser
{
    /// <inheritdoc/>
    public bool TakesPrevious => inner.TakesPrevious;

    /// <inheritdoc/>
    public IEnumerable<TrainedNetwork> Networks => inner.Networks;

    /// <inheritdoc/>
    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        using var computation = lifetime.Enter();
        return inner.Denoise(x, step, condition);
    }
}
