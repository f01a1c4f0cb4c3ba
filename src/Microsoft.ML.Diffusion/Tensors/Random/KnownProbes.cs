namespace Microsoft.ML.Diffusion;

/// <summary>Ready probe distributions.</summary>
public static class KnownProbes
{
    /// <summary>+1 or −1 in every place.</summary>
    public static ProbeDistribution Rademacher { get; } = new RademacherProbes();

    /// <summary>Standard normal.</summary>
    public static ProbeDistribution Gaussian { get; } = new GaussianProbes();

    /// <summary>Uniform on the sphere of radius √d.</summary>
    public static ProbeDistribution Sphere { get; } = new SphereProbes();
}
