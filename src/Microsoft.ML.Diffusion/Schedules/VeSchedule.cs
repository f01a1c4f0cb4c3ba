using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The variance-exploding SDE with geometric noise: α = 1, σ = σ_min·(σ_max/σ_min)^t (Song et al. 2021, arXiv:2011.13456, eq. 31). Its
/// cleanest level, at t = 0, is σ_min.
/// </summary>
/// <param name="sigmaMin">σ at time 0; positive. 0.01 unless given.</param>
/// <param name="sigmaMax">
/// σ at time 1; above <paramref name="sigmaMin"/>, finite. 50 unless given: about the largest distance between two examples (Song and Ermon
/// 2020, arXiv:2006.09011, technique 1).
/// </param>
public sealed class VeSchedule(double sigmaMin = 0.01, double sigmaMax = 50) : NoiseSchedule
{
    /// <summary>σ at time 0.</summary>
    public double SigmaMin { get; } = sigmaMin > 0 && sigmaMin < sigmaMax && double.IsFinite(sigmaMax)
        ? sigmaMin
        : throw new ArgumentOutOfRangeException(nameof(sigmaMin), $"Expected 0 < sigmaMin < sigmaMax, both finite, got {sigmaMin} and {sigmaMax}.");

    /// <summary>σ at time 1.</summary>
    public double SigmaMax { get; } = sigmaMax;

    /// <inheritdoc/>
    [JsonIgnore]
    public override (double Smallest, double Largest) RatioRange => (SigmaMin, SigmaMax);

    /// <inheritdoc/>
    [JsonIgnore]
    public override TimeSpacing DefaultSpacing => KnownSpacings.Exponential;

    private double Rate => Math.Log(SigmaMax / SigmaMin);

    /// <inheritdoc/>
    public override NoiseLevel At(double t) => new(1, SigmaMin * Math.Pow(SigmaMax / SigmaMin, t));

    /// <inheritdoc/>
    public override LevelDerivative DerivativeAt(double t) => new(0, At(t).Sigma * Rate);

    /// <inheritdoc/>
    /// <remarks>SMLD's chain: each link adds what its σ² has more than the one before; the first adds all of its own.</remarks>
    public override SdeStep Discretize(double t, int steps)
    {
        int link = LinkOf(t, steps);
        double to = At(link / (steps - 1.0)).Sigma, from = link == 0 ? 0 : At((link - 1) / (steps - 1.0)).Sigma;
        return new SdeStep(0, Math.Sqrt((to - from) * (to + from)));
    }

    /// <inheritdoc/>
    public override double TimeOf(double logSnr) => Math.Clamp((-logSnr / 2 - Math.Log(SigmaMin)) / Rate, 0, 1);

    /// <inheritdoc/>
    public override double PriorScale(NoiseLevel level) => level.Sigma;
}
