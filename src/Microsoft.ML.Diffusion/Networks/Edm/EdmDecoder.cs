using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>From which levels the answer of a <see cref="SongUNet"/> comes (Song et al. 2021, arXiv:2011.13456, appendix H).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EdmDecoder>))]
public enum EdmDecoder
{
    /// <summary>From the largest.</summary>
    Standard,

    /// <summary>From each, enlarged and added up.</summary>
    Skip,
}
