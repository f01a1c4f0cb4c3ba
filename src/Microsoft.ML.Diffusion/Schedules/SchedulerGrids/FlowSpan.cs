using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>Between which σ a flow in a scheduler of diffusers has its even times, before they are shifted.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FlowSpan>))]
internal enum FlowSpan
{
    /// <summary>From 1 to the shifted 1/T, in N steps: the schedulers of flow matching.</summary>
    [JsonStringEnumMemberName("matching")]
    Matching,

    /// <summary>From 1 to 1/T, of N + 1 the first N: UniPC.</summary>
    [JsonStringEnumMemberName("from-noise")]
    FromNoise,

    /// <summary>From 1 − 1/T to 0, of N + 1 the first N: DPM-Solver and DEIS.</summary>
    [JsonStringEnumMemberName("to-data")]
    ToData,
}
