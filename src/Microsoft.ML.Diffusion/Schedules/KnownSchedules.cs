namespace Microsoft.ML.Diffusion;

/// <summary>Ready noise schedules.</summary>
public static class KnownSchedules
{
    /// <summary>The variance-exploding schedule of EDM, σ from 0.002 to 80 (Karras et al. 2022, arXiv:2206.00364).</summary>
    public static NoiseSchedule Edm { get; } = new EdmSchedule();
}
