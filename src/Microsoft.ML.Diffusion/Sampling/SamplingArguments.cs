using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>What every sampling run expects of its arguments.</summary>
internal static class SamplingArguments
{
    public static void Check(IDenoiser denoiser, Tensor start, Conditioning condition, INoiseSource noise)
    {
        ArgumentNullException.ThrowIfNull(denoiser);
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(noise);
        if (start.dim() < 2 || start.size(0) == 0)
            throw new ArgumentException($"Expected a batch [B, ...] to start from, got [{string.Join(", ", start.shape)}].", nameof(start));
    }
}
