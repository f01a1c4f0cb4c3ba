using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>What an exponential integrator takes to change smoothly with λ, and interpolates between its evaluations.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SolverEstimate>))]
public enum SolverEstimate
{
    /// <summary>The clean data x̂0, as DPM-Solver++ does: steady under guidance and with few steps.</summary>
    [JsonStringEnumMemberName("x0")]
    X0,

    /// <summary>The noise ε̂ = (x − α·x̂0)/σ, as DPM-Solver and DEIS do.</summary>
    [JsonStringEnumMemberName("epsilon")]
    Epsilon,
}
