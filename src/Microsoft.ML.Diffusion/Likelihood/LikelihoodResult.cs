using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>What a likelihood computation found. Owns its tensors.</summary>
/// <param name="LogDensity">ln p(x) of each row, in nats, [B], Float64.</param>
/// <param name="Latent">Where the ODE took each row: the noise that stands for it, of the shape of x, Float64.</param>
/// <param name="Evaluations">How often the denoiser was asked.</param>
public sealed record LikelihoodResult(Tensor LogDensity, Tensor Latent, int Evaluations) : IDisposable
{
    /// <summary>Releases the tensors.</summary>
    public void Dispose()
    {
        LogDensity.Dispose();
        Latent.Dispose();
    }
}
