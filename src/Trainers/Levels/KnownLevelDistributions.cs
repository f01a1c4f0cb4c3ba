namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Ready distributions of training levels.</summary>
public static class KnownLevelDistributions
{
    /// <summary>As the schedule's family has them.</summary>
    public static LevelDistribution Schedule { get; } = new ScheduleLevels();

    /// <summary>As often as sampling visits them with the schedule's own spacing.</summary>
    public static LevelDistribution Sampling { get; } = new SamplingLevels();

    /// <summary>ln(σ/α) normal of mean −1.2 and deviation 1.2 (Karras et al. 2022, arXiv:2206.00364).</summary>
    public static LevelDistribution LogNormal { get; } = new LogNormalLevels();

    /// <summary>Logit-normal times (Esser et al. 2024, arXiv:2403.03206).</summary>
    public static LevelDistribution LogitNormal { get; } = new DensityLevels(KnownTimeDensities.LogitNormal);

    /// <summary>Uniform times.</summary>
    public static LevelDistribution Uniform { get; } = new DensityLevels(KnownTimeDensities.Uniform);

    /// <summary>By importance: where losses are large (Nichol and Dhariwal 2021, arXiv:2102.09672, section 3.3).</summary>
    public static LevelDistribution Importance { get; } = new ImportanceLevels();
}
