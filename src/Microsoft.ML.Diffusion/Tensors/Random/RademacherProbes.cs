using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Every place +1 or −1, each as likely: the least variance of probes with independent places.</summary>
public sealed class RademacherProbes : ProbeDistribution
{
    /// <inheritdoc/>
    public override Tensor Draw(INoiseSource noise, int draw, Tensor like)
    {
        ArgumentNullException.ThrowIfNull(noise);
        using var normal = noise.Normal(draw, like);
        // Not sign(): a zero would be no probe.
        using var negative = normal.signbit();
        using var numbers = negative.to(like.dtype);
        return numbers.TimesInPlace(-2).PlusOne();
    }
}
