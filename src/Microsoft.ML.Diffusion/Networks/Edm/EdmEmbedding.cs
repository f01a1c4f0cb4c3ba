using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>How a network of Karras et al. 2022 (arXiv:2206.00364) is told the noise level.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EdmEmbedding>))]
public enum EdmEmbedding
{
    /// <summary>Sinusoids at frequencies that fall geometrically from 1: DDPM++.</summary>
    Positional,

    /// <summary>Sinusoids at random frequencies of deviation 16, which are stored with the weights: NCSN++.</summary>
    Fourier,
}
