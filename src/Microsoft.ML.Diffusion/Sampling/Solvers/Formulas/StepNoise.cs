namespace Microsoft.ML.Diffusion;

/// <summary>The checks of what solvers are told about the noise that their steps add.</summary>
internal static class StepNoise
{
    /// <summary>η as given.</summary>
    public static double CheckEta(double eta) => eta >= 0 ? eta : throw new ArgumentOutOfRangeException(nameof(eta), eta, "η must be in [0, ∞].");

    /// <summary>The scale of the noise as given.</summary>
    public static double CheckScale(double noiseScale, double eta)
    {
        if (!(noiseScale >= 0 && double.IsFinite(noiseScale)))
            throw new ArgumentOutOfRangeException(nameof(noiseScale), noiseScale, "The scale of the noise must be in [0, ∞).");
        return eta > 0 || noiseScale == 1
            ? noiseScale
            : throw new ArgumentOutOfRangeException(nameof(noiseScale), noiseScale, "With η = 0 the solver adds no noise, so that the scale of the noise must stay 1.");
    }
}
