using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>How the picture itself reaches the smaller levels of a <see cref="SongUNet"/> (Song et al. 2021, arXiv:2011.13456, appendix H).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EdmEncoder>))]
public enum EdmEncoder
{
    /// <summary>Through the blocks alone: DDPM++.</summary>
    Standard,

    /// <summary>Resized, and added to each level by a layer of its own.</summary>
    Skip,

    /// <summary>As a residual that goes from level to level: NCSN++.</summary>
    Residual,
}
