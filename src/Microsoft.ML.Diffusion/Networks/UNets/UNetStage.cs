using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>What the residual blocks of a level of a <see cref="DiffusersUNet"/> are followed by.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UNetStage>))]
public enum UNetStage
{
    /// <summary>Nothing: diffusers' <c>DownBlock2D</c> and <c>UpBlock2D</c>.</summary>
    Residual,

    /// <summary>Attention of the pixels to each other: <c>AttnDownBlock2D</c> and <c>AttnUpBlock2D</c>.</summary>
    Attention,

    /// <summary>Transformer blocks that also attend to a sequence of conditions: <c>CrossAttnDownBlock2D</c> and <c>CrossAttnUpBlock2D</c>.</summary>
    CrossAttention,

    /// <summary>Nothing, and the size changes within a residual block: <c>ResnetDownsampleBlock2D</c> and <c>ResnetUpsampleBlock2D</c>.</summary>
    ResidualResizing,
}
