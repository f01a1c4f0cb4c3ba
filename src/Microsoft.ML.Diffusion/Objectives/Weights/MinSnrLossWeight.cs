namespace Microsoft.ML.Diffusion;

/// <summary>
/// min(SNR, γ): levels of little noise, whose gradients conflict with the others', no longer dominate (Hang et al. 2023, arXiv:2303.09556, section 3.4). In units of ε
/// that is min(1, γ/SNR), of v min(SNR, γ)/(SNR + 1).
/// </summary>
/// <param name="gamma">γ; positive, infinity never clips. 5 unless given.</param>
public sealed class MinSnrLossWeight(double gamma = 5) : X0LossWeight
{
    /// <summary>γ.</summary>
    public double Gamma { get; } = Positive(gamma, nameof(gamma), infinite: true);

    /// <inheritdoc/>
    public override double At(double snr) => Math.Min(snr, Gamma);
}
