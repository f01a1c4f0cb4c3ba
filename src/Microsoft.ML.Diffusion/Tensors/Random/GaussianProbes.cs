using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Standard normal places (Skilling 1989).</summary>
public sealed class GaussianProbes : ProbeDistribution
{
    /// <inheritdoc/>
    public override Tensor Draw(INoiseSource noise, int draw, Tensor like)
    {
        ArgumentNullException.ThrowIfNull(noise);
        return noise.Normal(draw, like);
    }
}
