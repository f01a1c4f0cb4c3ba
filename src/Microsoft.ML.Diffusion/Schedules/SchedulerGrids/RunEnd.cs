using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>Where the last step of a scheduler of diffusers ends.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunEnd>))]
internal enum RunEnd
{
    /// <summary>At clean data.</summary>
    [JsonStringEnumMemberName("clean")]
    Clean,

    /// <summary>At the level of timestep 0.</summary>
    [JsonStringEnumMemberName("first-step")]
    FirstStep,

    /// <summary>Where it starts.</summary>
    [JsonStringEnumMemberName("idle")]
    Idle,
}
