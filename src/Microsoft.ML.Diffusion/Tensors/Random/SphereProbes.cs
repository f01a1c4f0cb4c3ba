using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Uniform on the sphere of radius √d, where d is the number of values of a row (Song et al. 2019, arXiv:1905.07088).</summary>
public sealed class SphereProbes : ProbeDistribution
{
    /// <inheritdoc/>
    public override Tensor Draw(INoiseSource noise, int draw, Tensor like)
    {
        ArgumentNullException.ThrowIfNull(noise);
        using var normal = noise.Normal(draw, like);
        using var rows = normal.flatten(1);
        using var squares = rows.Squared();
        using var sums = squares.sum(1, keepdim: true);
        using var lengths = sums.sqrt();
        using var directions = rows.div(lengths);
        return directions.TimesInPlace(Math.Sqrt(rows.size(1))).reshape(like.shape);
    }
}
