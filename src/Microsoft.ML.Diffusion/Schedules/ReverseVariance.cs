using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>The variance of the noise that a step of DDPM adds (Ho et al. 2020, arXiv:2006.11239, section 3.2).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReverseVariance>))]
public enum ReverseVariance
{
    /// <summary>That of the posterior given x0, β̃ ("fixed small"): exact for a single point of data.</summary>
    [JsonStringEnumMemberName("small")]
    Small,

    /// <summary>That of the forward step, β ("fixed large"): exact for standard normal data.</summary>
    [JsonStringEnumMemberName("large")]
    Large,

    /// <summary>
    /// What the network says, place by place (Nichol and Dhariwal 2021, arXiv:2102.09672, eq. 15): for denoisers that answer with
    /// <see cref="Denoised.LogVariance"/>.
    /// </summary>
    [JsonStringEnumMemberName("learned")]
    Learned,
}
