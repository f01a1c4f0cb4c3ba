namespace Microsoft.ML.Diffusion;

/// <summary>
/// A density with its mode in the middle of the run for positive scales, at its ends for negative ones, and weight at every time (Esser et al.
/// 2024, arXiv:2403.03206, eq. 20): t = 1 − u − s·(cos²(πu/2) − 1 + u), which falls with u.
/// </summary>
/// <param name="scale">s; in [−1, 2/(π−2)], where the map is one to one. 1.29 unless given.</param>
public sealed class ModeTimeDensity(double scale = 1.29) : TimeDensity
{
    private const double MaxScale = 2 / (Math.PI - 2);

    /// <summary>s.</summary>
    public double Scale { get; } = scale is >= -1 and <= MaxScale ? scale : throw new ArgumentOutOfRangeException(nameof(scale), scale, $"The scale must be in [-1, {MaxScale}].");

    /// <inheritdoc/>
    public override double Time(double u)
    {
        double cosine = Math.Cos(Math.PI * u / 2);
        return 1 - u - Scale * (cosine * cosine - 1 + u);
    }
}
