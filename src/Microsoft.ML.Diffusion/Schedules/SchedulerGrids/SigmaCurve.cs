using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>The curve along which a scheduler of diffusers lays its σ between the largest and the smallest.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SigmaCurve>))]
internal enum SigmaCurve
{
    /// <summary>None: the σ of the timesteps.</summary>
    [JsonStringEnumMemberName("none")]
    None,

    /// <summary>Even in σ^(1/ρ) (Karras et al. 2022, arXiv:2206.00364, eq. 5).</summary>
    [JsonStringEnumMemberName("karras")]
    Karras,

    /// <summary>Even in ln σ.</summary>
    [JsonStringEnumMemberName("exponential")]
    Exponential,

    /// <summary>Even quantiles of a Beta distribution (Lee et al. 2024, arXiv:2407.12173).</summary>
    [JsonStringEnumMemberName("beta")]
    Beta,
}
