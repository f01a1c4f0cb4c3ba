using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The geometric schedule whose σ_max is the largest Euclidean distance between two examples, so that Langevin dynamics can go from any of them to
/// any other (Song and Ermon 2020, arXiv:2006.09011, technique 1). It stands for the <see cref="VeSchedule"/> that <see cref="FitTo"/> makes of it, which is
/// what a fitted pipeline holds and saves; before that it has no levels.
/// </summary>
/// <param name="sigmaMin">σ at time 0, in model space; positive and finite. 0.01 unless given.</param>
/// <param name="density">From which density training draws its times; uniform unless given.</param>
public sealed class GeometricFromDataSchedule(double sigmaMin = 0.01, TimeDensity? density = null) : ContinuousSchedule(density)
{
    /// <summary>σ at time 0, in model space.</summary>
    public double SigmaMin { get; } = sigmaMin > 0 && double.IsFinite(sigmaMin)
        ? sigmaMin
        : throw new ArgumentOutOfRangeException(nameof(sigmaMin), sigmaMin, "The smallest σ must be positive and finite.");

    /// <inheritdoc/>
    [JsonIgnore]
    public override (double Smallest, double Largest) RatioRange => throw NotFitted();

    /// <inheritdoc/>
    [JsonIgnore]
    public override TimeSpacing DefaultSpacing => KnownSpacings.Exponential;

    /// <inheritdoc/>
    /// <returns>The <see cref="VeSchedule"/> from <see cref="SigmaMin"/> to the largest distance.</returns>
    /// <exception cref="InvalidOperationException">No two examples lie farther apart than <see cref="SigmaMin"/>.</exception>
    public override NoiseSchedule FitTo(IModelSpaceData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        double largest = data.LargestDistance();
        return largest > SigmaMin
            ? new VeSchedule(SigmaMin, largest, Density)
            : throw new InvalidOperationException($"The largest distance between two examples in model space is {largest}; it must be above the smallest σ, {SigmaMin}.");
    }

    /// <inheritdoc/>
    public override NoiseLevel At(double t) => throw NotFitted();

    /// <inheritdoc/>
    public override LevelDerivative DerivativeAt(double t) => throw NotFitted();

    /// <inheritdoc/>
    public override double TimeOf(double logSnr) => throw NotFitted();

    private static InvalidOperationException NotFitted()
        => new("The largest σ of this schedule is measured from the data: it has no levels before FitTo, which NoiseSchedule calls in Fit.");
}
