using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>How an exponential integrator integrates the slope of its estimate over a step. Both are of the same order.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SlopeRule>))]
public enum SlopeRule
{
    /// <summary>By the midpoint rule, as the papers' algorithms do: of stages, from the last alone.</summary>
    [JsonStringEnumMemberName("midpoint")]
    Midpoint,

    /// <summary>Exactly (solver type "heun" of diffusers and k-diffusion): of order 3, with the parabola through all stages.</summary>
    [JsonStringEnumMemberName("exact")]
    Exact,
}
