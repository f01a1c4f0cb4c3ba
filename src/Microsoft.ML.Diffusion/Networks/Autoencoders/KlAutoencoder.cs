namespace Microsoft.ML.Diffusion;

/// <summary>
/// An autoencoder whose encoder says a normal distribution of latents, kept near the unit one (Kingma and Welling 2014, arXiv:1312.6114; Rombach et al. 2022, arXiv:2112.10752): diffusers'
/// AutoencoderKL. <see cref="LatentGaussian"/> is what its answer means.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class KlAutoencoder : Autoencoder
{
    /// <summary>Whether a convolution of size 1 follows the encoder. True unless given.</summary>
    public bool EncoderProjection { get; init; } = true;

    /// <summary>Whether a convolution of size 1 precedes the decoder. True unless given.</summary>
    public bool DecoderProjection { get; init; } = true;

    /// <inheritdoc/>
    /// <remarks>Means, then the logarithms of variances: [B, 2·<see cref="Autoencoder.LatentChannels"/>, h, w].</remarks>
    public override T Encode<T>(IOps<T> ops, T x)
    {
        ArgumentNullException.ThrowIfNull(ops);
        var h = Encoder(ops, ops.ToWorking(x), 2 * LatentChannels);
        return ops.ToFloat32(EncoderProjection ? ops.Conv2d(h, "quant_conv", 2 * LatentChannels, kernel: 1) : h);
    }

    /// <inheritdoc/>
    /// <remarks>The means.</remarks>
    public override T Latents<T>(IOps<T> ops, T encoded)
    {
        ArgumentNullException.ThrowIfNull(ops);
        return ops.Slice(encoded, 1, 0, LatentChannels);
    }

    /// <inheritdoc/>
    public override T Decode<T>(IOps<T> ops, T latents, int channels)
    {
        ArgumentNullException.ThrowIfNull(ops);
        var h = ops.ToWorking(latents);
        if (DecoderProjection)
            h = ops.Conv2d(h, "post_quant_conv", LatentChannels, kernel: 1);
        return ops.ToFloat32(Decoder(ops, h, channels));
    }
}
