namespace Microsoft.ML.Diffusion;

/// <summary>
/// max(SNR, least): never less than the error in x0 itself, so that the noisiest levels, from which sampling starts, count too (Salimans and Ho 2022,
/// arXiv:2202.00512, section 4).
/// </summary>
/// <param name="least">The least weight; positive, finite. 1 unless given.</param>
public sealed class TruncatedSnrLossWeight(double least = 1) : X0LossWeight
{
    /// <summary>The least weight.</summary>
    public double Least { get; } = Positive(least, nameof(least));

    /// <inheritdoc/>
    public override double At(double snr) => Math.Max(snr, Least);
}
