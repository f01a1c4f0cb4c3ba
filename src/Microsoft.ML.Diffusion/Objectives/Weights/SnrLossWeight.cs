namespace Microsoft.ML.Diffusion;

/// <summary>
/// The signal-to-noise ratio α²/σ², under which every level counts alike in units of ε: L_simple for any prediction (Ho et al. 2020, arXiv:2006.11239, eq. 14;
/// Salimans and Ho 2022, arXiv:2202.00512, section 4). Defined at pure noise too, which counts nothing.
/// </summary>
public sealed class SnrLossWeight : X0LossWeight
{
    /// <inheritdoc/>
    public override double At(double snr) => snr;
}
