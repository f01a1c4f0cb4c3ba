namespace Microsoft.ML.Diffusion;

/// <summary>
/// 1/(σ²/α² + 1/γ) = SNR·γ/(SNR + γ): the smooth form of <see cref="MinSnrLossWeight"/> (Crowson et al. 2024, arXiv:2401.11605, section 3.5). γ = 1/σ_data².
/// </summary>
/// <param name="gamma">γ; positive, infinity never clips. 4 unless given: that of data of deviation 0.5.</param>
public sealed class SoftMinSnrLossWeight(double gamma = 4) : X0LossWeight
{
    /// <summary>γ.</summary>
    public double Gamma { get; } = Positive(gamma, nameof(gamma), infinite: true);

    /// <inheritdoc/>
    public override double At(double snr) => 1 / (1 / snr + 1 / Gamma);
}
