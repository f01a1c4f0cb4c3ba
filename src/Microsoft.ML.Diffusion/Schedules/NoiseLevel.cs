namespace Microsoft.ML.Diffusion;

/// <summary>
/// How noisy a state is: <c>x = Alpha·x0 + Sigma·ε</c>. (1, 0) is clean data; (0, 1), pure noise, is legal:
/// zero-terminal-SNR schedules and rectified flow start there.
/// </summary>
/// <param name="Alpha">The factor α of the clean data; finite, not negative.</param>
/// <param name="Sigma">The standard deviation σ of the noise; finite, not negative.</param>
public readonly record struct NoiseLevel(double Alpha, double Sigma)
{
    /// <summary>Clean data: (1, 0).</summary>
    public static NoiseLevel Clean => new(1, 0);

    /// <summary>σ/α: the noise level of Karras et al. 2022 (arXiv:2206.00364); infinite for pure noise.</summary>
    public double Ratio => Sigma / Alpha;

    /// <summary>ln(α²/σ²): +∞ for clean data, −∞ for pure noise.</summary>
    public double LogSnr => 2 * Lambda;

    /// <summary>λ = ln(α/σ), half the log-SNR: the time in which DPM-Solver integrates (Lu et al. 2022, arXiv:2206.00927).</summary>
    public double Lambda => Math.Log(Alpha / Sigma);

    /// <summary>
    /// 1 − (r_to/r)² for the noise ratios r = σ/α: the share of the noise's variance that is renewed when DDPM goes from here to a
    /// cleaner level. Keeps its digits between neighbours, and is 1 from pure noise and to clean data.
    /// </summary>
    /// <param name="to">The cleaner level.</param>
    internal double RenewedShare(NoiseLevel to) => -ExpMinusOne.Of(2 * (Lambda - to.Lambda));

    /// <summary>The level of a λ on the straight line to a cleaner level; past the end of the line, with the α of its end.</summary>
    /// <param name="to">The cleaner level.</param>
    /// <param name="lambda">λ of the level sought, above that of this one; finite.</param>
    internal NoiseLevel Toward(NoiseLevel to, double lambda)
    {
        double ratio = Math.Exp(-lambda);
        // σ − r·α falls along the line, and is 0 at the level sought.
        double above = Sigma - ratio * Alpha, below = to.Sigma - ratio * to.Alpha;
        double alpha = below >= 0 ? to.Alpha : Alpha + above / (above - below) * (to.Alpha - Alpha);
        return new NoiseLevel(alpha, ratio * alpha);
    }

    /// <summary>The variance-exploding level (1, ratio).</summary>
    /// <param name="ratio">σ/α; finite, not negative.</param>
    public static NoiseLevel FromRatio(double ratio) => new(1, ratio);

    /// <summary>The variance-preserving level (√ᾱ, √(1−ᾱ)) of DDPM (Ho et al. 2020, arXiv:2006.11239, eq. 4).</summary>
    /// <param name="alphaBar">ᾱ, in [0, 1].</param>
    public static NoiseLevel FromAlphaBar(double alphaBar) => new(Math.Sqrt(alphaBar), Math.Sqrt(1 - alphaBar));

    /// <summary>The variance-preserving level (α² + σ² = 1) of a λ = ln(α/σ). Infinite λ are legal.</summary>
    internal static NoiseLevel FromLambda(double lambda)
    {
        // Written for both signs, so that neither α nor σ loses digits.
        double ratio = Math.Exp(-Math.Abs(lambda));
        double large = 1 / Math.Sqrt(1 + ratio * ratio), small = ratio * large;
        return lambda > 0 ? new NoiseLevel(large, small) : new NoiseLevel(small, large);
    }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"(α {Alpha:g6}, σ {Sigma:g6})");
}
