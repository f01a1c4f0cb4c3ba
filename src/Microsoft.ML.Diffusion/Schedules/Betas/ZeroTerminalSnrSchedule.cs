namespace Microsoft.ML.Diffusion;

/// <summary>
/// A discrete schedule rescaled to end at pure noise: √ᾱ is shifted to 0 at the last step and stretched to keep its first value (Lin et al.
/// 2023, arXiv:2305.08891, Algorithm 1). Training then sees what sampling starts from, so samples can be all dark or all bright. For networks
/// that predict v or x0; ε says nothing about the data there. diffusers' <c>rescale_betas_zero_snr</c>.
/// </summary>
/// <param name="inner">The schedule that is rescaled; one that ends at α &gt; 0.</param>
public sealed class ZeroTerminalSnrSchedule(DiscreteSchedule inner) : DiscreteSchedule(Rescale(inner))
{
    /// <summary>The schedule that is rescaled.</summary>
    public DiscreteSchedule Inner { get; } = inner;

    private static double[] Rescale(DiscreteSchedule inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        return BetaTable.ToZeroTerminalSnr(inner.AlphaBars);
    }
}
