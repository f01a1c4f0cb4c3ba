using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>What a scheduler of diffusers makes of the timestep of a σ before it tells it to the network.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TimestepRounding>))]
internal enum TimestepRounding
{
    /// <summary>Nothing.</summary>
    [JsonStringEnumMemberName("none")]
    None,

    /// <summary>The nearest whole one, even at a tie.</summary>
    [JsonStringEnumMemberName("nearest")]
    Nearest,

    /// <summary>The whole one below.</summary>
    [JsonStringEnumMemberName("down")]
    Down,
}
