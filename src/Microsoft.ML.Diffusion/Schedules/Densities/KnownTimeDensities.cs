namespace Microsoft.ML.Diffusion;

/// <summary>Ready densities of training times.</summary>
public static class KnownTimeDensities
{
    /// <summary>Every time as often.</summary>
    public static TimeDensity Uniform { get; } = new UniformTimeDensity();

    /// <summary>The logit-normal density of mean 0 and deviation 1: fewer times near both ends.</summary>
    public static TimeDensity LogitNormal { get; } = new LogitNormalTimeDensity();

    /// <summary>The mode density of scale 1.29: more times in the middle, and weight at every time.</summary>
    public static TimeDensity Mode { get; } = new ModeTimeDensity();
}
