namespace Microsoft.ML.Diffusion;

/// <summary>Ready spacings of sampling steps.</summary>
public static class KnownSpacings
{
    /// <summary>Even steps from the noisiest one down: no step is lost at the noisy end.</summary>
    public static TimeSpacing Trailing { get; } = new TrailingSpacing();

    /// <summary>Even steps that include the cleanest time but not the noisiest.</summary>
    public static TimeSpacing Leading { get; } = new LeadingSpacing();

    /// <summary>Even steps that include both the noisiest and the cleanest time.</summary>
    public static TimeSpacing Linspace { get; } = new LinspaceSpacing();

    /// <summary>Noise ratios whose 7th roots are evenly spaced.</summary>
    public static TimeSpacing Karras { get; } = new KarrasSpacing();

    /// <summary>Noise ratios that fall geometrically: even in log-SNR.</summary>
    public static TimeSpacing Exponential { get; } = new ExponentialSpacing();

    /// <summary>Even times that include both ends, not rounded to whole steps.</summary>
    public static TimeSpacing FractionalLinspace { get; } = new FractionalLinspaceSpacing();

    /// <summary>Steps whose square roots are even, up to four fifths of the run: DDIM's quadratic choice.</summary>
    public static TimeSpacing Quadratic { get; } = new QuadraticSpacing();

    /// <summary>Every s-th step from the cleanest on: the <c>ddimN</c> respacing of improved DDPM.</summary>
    public static TimeSpacing Strided { get; } = new StridedSpacing();

    /// <summary>Levels of the schedule that are even in log-SNR.</summary>
    public static TimeSpacing LogSnr { get; } = new LogSnrSpacing();

    /// <summary>Noise ratios at even quantiles of a Beta distribution: more steps near both ends.</summary>
    public static TimeSpacing Beta { get; } = new BetaSpacing();
}
