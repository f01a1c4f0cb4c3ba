namespace Microsoft.ML.Diffusion;

/// <summary>
/// CosMap: rectified flow's error in the velocity, with each level weighted by the density 2/(π·(1 − 2t + 2t²)) that the cosine schedule's levels have in its time
/// t = σ/(α + σ) (Esser et al. 2024, arXiv:2403.03206, eq. 21). The middle counts twice as much as the ends.
/// </summary>
/// <remarks>For x = (1 − t)·x0 + t·ε the velocity is ε − x0, and its error that in x0 divided by t.</remarks>
public sealed class CosMapLossWeight : X0LossWeight
{
    /// <summary>The weight of the squared error in the velocity ε − x0 at a time of rectified flow.</summary>
    /// <param name="t">t = σ/(α + σ), in [0, 1].</param>
    public static double OnVelocity(double t) => 2 / (Math.PI * (1 - 2 * t + 2 * t * t));

    /// <inheritdoc/>
    public override double At(double snr)
    {
        double t = 1 / (1 + Math.Sqrt(snr));
        return OnVelocity(t) / (t * t);
    }
}
