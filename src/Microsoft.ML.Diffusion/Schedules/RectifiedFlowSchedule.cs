using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Rectified flow: the straight path α = 1 − t, σ = t from data to pure noise (Liu et al. 2023, arXiv:2209.03003; Lipman et al. 2023,
/// arXiv:2210.02747, with time turned round).
/// </summary>
public sealed class RectifiedFlowSchedule : NoiseSchedule
{
    private const double FirstTime = 1e-3;

    /// <inheritdoc/>
    [JsonIgnore]
    public override (double Smallest, double Largest) RatioRange => (At(FirstTime).Ratio, double.PositiveInfinity);

    /// <inheritdoc/>
    [JsonIgnore]
    public override TimeSpacing DefaultSpacing => KnownSpacings.Trailing;

    /// <inheritdoc/>
    public override NoiseLevel At(double t) => new(1 - t, t);

    /// <inheritdoc/>
    public override LevelDerivative DerivativeAt(double t) => new(-1, 1);

    /// <inheritdoc/>
    public override double TimeOf(double logSnr) => 1 / (1 + Math.Exp(logSnr / 2));
}
