using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>The middle of a <see cref="DiffusersUNet"/>, at the smallest size.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UNetMiddle>))]
public enum UNetMiddle
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>One residual block: <c>UNetMidBlock2D</c> of UNet2DConditionModel.</summary>
    OneResidual,

    /// <summary>Two residual blocks: <c>UNetMidBlock2D</c> of UNet2DModel with <c>add_attention=False</c>.</summary>
    TwoResiduals,

    /// <summary>Two residual blocks, and between them attention of the pixels to each other: <c>UNetMidBlock2D</c> of UNet2DModel.</summary>
    Attention,

    /// <summary>Two residual blocks, and between them transformer blocks that also attend to a sequence of conditions: <c>UNetMidBlock2DCrossAttn</c>.</summary>
    CrossAttention,
}
