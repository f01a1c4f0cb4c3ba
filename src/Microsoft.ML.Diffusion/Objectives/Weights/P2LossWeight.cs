namespace Microsoft.ML.Diffusion;

/// <summary>
/// SNR/(k + SNR)^γ: the levels at which what one sees is decided count more than those of imperceptible noise (Choi et al. 2022, arXiv:2204.00227, eq. 8, which weighs
/// the error in ε by 1/(k + SNR)^γ).
/// </summary>
/// <param name="gamma">γ; not negative, 0 is <see cref="SnrLossWeight"/>. 1 unless given.</param>
/// <param name="k">k; positive, finite. 1 unless given.</param>
public sealed class P2LossWeight(double gamma = 1, double k = 1) : X0LossWeight
{
    /// <summary>γ.</summary>
    public double Gamma { get; } = gamma >= 0 && double.IsFinite(gamma)
        ? gamma
        : throw new ArgumentOutOfRangeException(nameof(gamma), gamma, "gamma must be finite and not negative.");

    /// <summary>k.</summary>
    public double K { get; } = Positive(k, nameof(k));

    /// <inheritdoc/>
    public override double At(double snr) => snr / Math.Pow(K + snr, Gamma);
}
