namespace Microsoft.ML.Diffusion;

/// <summary>Every time as often.</summary>
public sealed class UniformTimeDensity : TimeDensity
{
    /// <inheritdoc/>
    public override double Time(double u) => u;
}
