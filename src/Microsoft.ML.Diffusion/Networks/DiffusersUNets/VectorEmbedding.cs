using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>How a <see cref="DiffusersUNet"/> adds a condition that is a vector to what its blocks are told.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VectorEmbedding>))]
public enum VectorEmbedding
{
    /// <summary>Through two linear layers with SiLU between them: <c>class_embed_type="projection"</c>.</summary>
    TwoLayers,

    /// <summary>Through a linear layer: <c>class_embed_type="simple_projection"</c>.</summary>
    Linear,

    /// <summary>As it is; as long as what it is added to: <c>class_embed_type="identity"</c>.</summary>
    Identity,

    /// <summary>One number, told like the noise level, through two layers of its own: <c>class_embed_type="timestep"</c>.</summary>
    Sinusoids,
}
