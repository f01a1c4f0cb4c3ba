using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// A path from data (time 0) to pure noise (α = 0 at time 1), as flow matching draws it (Lipman et al. 2023, arXiv:2210.02747, with time turned
/// round).
/// </summary>
public abstract class FlowSchedule : ContinuousSchedule
{
    private const double FirstTime = 1e-3;

    private protected FlowSchedule(TimeDensity? density)
        : base(density)
    {
    }

    /// <inheritdoc/>
    [JsonIgnore]
    public sealed override (double Smallest, double Largest) RatioRange => (At(FirstTime).Ratio, double.PositiveInfinity);

    /// <inheritdoc/>
    [JsonIgnore]
    public sealed override TimeSpacing DefaultSpacing => KnownSpacings.Trailing;
}
