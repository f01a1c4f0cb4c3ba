using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Normal noise with an offset that all values of a channel of a row share, ε + strength·δ: two values of a channel have the covariance strength², and each the
/// variance 1 + strength². A network trained with it learns to move the mean of a picture, which plain noise hardly hides (Guttenberg 2023, "Diffusion with offset noise";
/// Lin et al. 2023, arXiv:2305.08891, section 2).
/// </summary>
/// <remarks>Immutable; thread safe where the inner source is. δ comes from draws of its own, from 2²⁴ on.</remarks>
/// <param name="inner">The source of ε and δ.</param>
/// <param name="strength">The standard deviation of the offset; finite, not negative.</param>
public sealed class OffsetNoise(INoiseSource inner, double strength) : INoiseSource
{
    private const int OffsetDraw = 1 << 24;

    private readonly INoiseSource _inner = inner ?? throw new ArgumentNullException(nameof(inner));

    /// <summary>The standard deviation of the offset.</summary>
    public double Strength { get; } = strength >= 0 && double.IsFinite(strength)
        ? strength
        : throw new ArgumentOutOfRangeException(nameof(strength), strength, "The strength of the offset must be finite and not negative.");

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The tensor has no channels.</exception>
    public Tensor Normal(int draw, Tensor like)
    {
        ArgumentNullException.ThrowIfNull(like);
        if (like.dim() < 2)
            throw new ArgumentException($"Offset noise needs a batch of channels [B, C, ...], got [{string.Join(", ", like.shape)}].", nameof(like));
        var noise = _inner.Normal(draw, like);
        long[] shape = [like.size(0), like.size(1), .. Enumerable.Repeat(1L, (int)like.dim() - 2)];
        using var channels = empty(shape, like.dtype, like.device);
        using var offset = _inner.Normal(OffsetDraw + draw, channels);
        return noise.PlusInPlace(offset.TimesInPlace(Strength));
    }

    /// <inheritdoc/>
    public Tensor Uniform(int draw, Tensor like) => _inner.Uniform(draw, like);
}
