using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>Which timesteps a scheduler of diffusers visits (<c>timestep_spacing</c>; Lin et al. 2023, arXiv:2305.08891, Table 2).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TimestepPlaces>))]
internal enum TimestepPlaces
{
    /// <summary>i·⌊T/N⌋: the cleanest included.</summary>
    [JsonStringEnumMemberName("leading")]
    Leading,

    /// <summary>T − i·T/N − 1: the noisiest included.</summary>
    [JsonStringEnumMemberName("trailing")]
    Trailing,

    /// <summary>i·(T − 1)/(N − 1): both included.</summary>
    [JsonStringEnumMemberName("linspace")]
    Linspace,
}
