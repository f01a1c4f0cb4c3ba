namespace Microsoft.ML.Diffusion;

/// <summary>
/// An autoencoder whose decoder sees, at each place, the nearest of a book of learned codes (van den Oord et al. 2017, arXiv:1711.00937; Esser et al. 2021, arXiv:2012.09841): diffusers' VQModel.
/// Latents are what the encoder says, before the nearest codes are taken.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class VqAutoencoder : Autoencoder
{
    /// <summary>The number of codes. 256 unless given.</summary>
    public int Codes { get; init => field = Accept.Answers(value, this); } = 256;

    /// <summary>The width of a code; <see cref="Autoencoder.LatentChannels"/> where null, as unless given.</summary>
    public int? CodeWidth { get; init => field = value is null ? null : Accept.Width(value.Value, this); }

    private protected override int LatentWidth => CodeWidth ?? LatentChannels;

    /// <inheritdoc/>
    public override T Encode<T>(IOps<T> ops, T x)
    {
        ArgumentNullException.ThrowIfNull(ops);
        return ops.ToFloat32(ops.Conv2d(Encoder(ops, ops.ToWorking(x), LatentChannels), "quant_conv", LatentWidth, kernel: 1));
    }

    /// <inheritdoc/>
    /// <remarks>What was said itself: <see cref="Decode"/> takes the nearest codes.</remarks>
    public override T Latents<T>(IOps<T> ops, T encoded) => encoded;

    /// <inheritdoc/>
    /// <remarks>Of the nearest codes, through which gradients go to the latents as if they were the same (arXiv:1711.00937, section 3.2).</remarks>
    public override T Decode<T>(IOps<T> ops, T latents, int channels)
    {
        ArgumentNullException.ThrowIfNull(ops);
        var z = ops.ToWorking(latents);
        var codes = ops.ToWorking(Quantize(ops, latents));
        var through = ops.Add(z, ops.Detach(ops.Add(codes, ops.Scale(z, -1))));
        return ops.ToFloat32(Decoder(ops, ops.Conv2d(through, "post_quant_conv", LatentChannels, kernel: 1), channels));
    }

    /// <summary>The index of the code nearest to each place of latents.</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="latents">[B, C, h, w], Float32.</param>
    /// <returns>Whole numbers [B, h·w].</returns>
    /// <typeparam name="T">What stands for a tensor.</typeparam>
    public T Nearest<T>(IOps<T> ops, T latents)
    {
        ArgumentNullException.ThrowIfNull(ops);
        var tokens = PictureTokens.Of(ops, ops.ToWorking(latents));
        // |z − e|² = |z|² − 2·z·e + |e|², and |z|² is the same for all codes.
        var book = Book(ops);
        var squares = ops.Unsqueeze(ops.Transpose(ops.Scale(ops.Mean(ops.Multiply(book, book), 1), LatentWidth), 0, 1), 0);
        var products = ops.MatMul(tokens, ops.Unsqueeze(ops.Transpose(Book(ops), 0, 1), 0));
        return ops.ArgMin(ops.Add(ops.Scale(products, -2), squares));
    }

    /// <summary>The nearest code at each place of latents.</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="latents">[B, C, h, w], Float32.</param>
    /// <returns>[B, C, h, w], Float32.</returns>
    /// <typeparam name="T">What stands for a tensor.</typeparam>
    public T Quantize<T>(IOps<T> ops, T latents)
    {
        ArgumentNullException.ThrowIfNull(ops);
        int height = ops.Size(latents, 2), width = ops.Size(latents, 3);
        var nearest = Nearest(ops, latents);
        return ops.ToFloat32(PictureTokens.Picture(ops, ops.Rows(Book(ops), nearest), height, width));
    }

    /// <summary>
    /// The loss of the codes: the mean of (sg[z] − e)² + β·(z − sg[e])², in which sg lets no gradient through (arXiv:1711.00937, eq. 3). Codes go to latents, and latents, more slowly, to codes.
    /// </summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="latents">[B, C, h, w], Float32.</param>
    /// <param name="commitment">β; 0.25 unless given.</param>
    /// <returns>The mean of each row, [B, 1], Float32.</returns>
    /// <typeparam name="T">What stands for a tensor.</typeparam>
    public T QuantizationLoss<T>(IOps<T> ops, T latents, double commitment = 0.25)
    {
        ArgumentNullException.ThrowIfNull(ops);
        int count = ops.Size(latents, 1) * ops.Size(latents, 2) * ops.Size(latents, 3);
        var codes = Quantize(ops, latents);
        var moves = Squares(ops, codes, ops.Detach(latents), count);
        var commits = Squares(ops, latents, ops.Detach(codes), count);
        return ops.Add(moves, ops.Scale(commits, commitment));
    }

    private static T Squares<T>(IOps<T> ops, T a, T b, int count)
    {
        var difference = ops.Reshape(ops.Add(a, ops.Scale(b, -1)), count);
        return ops.Mean(ops.Multiply(difference, difference), 1);
    }

    private T Book<T>(IOps<T> ops) => ops.Parameter("quantize.embedding.weight", new Initializer(0, 1.0 / Codes, Uniform: true), Codes, LatentWidth);
}
