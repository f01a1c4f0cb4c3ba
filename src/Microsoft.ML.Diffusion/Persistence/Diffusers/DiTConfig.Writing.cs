using System.Text.Json.Nodes;

namespace Microsoft.ML.Diffusion;

/// <content>The counterpart of reading.</content>
internal static partial class DiTConfig
{
    /// <summary>The options of a network, as a Transformer2DModel, which has all of them.</summary>
    /// <param name="network">The network.</param>
    /// <param name="shape">The shape of a sample.</param>
    /// <param name="conditions">Its conditions.</param>
    /// <exception cref="NotSupportedException">diffusers has no counterpart; says of what.</exception>
    public static JsonObject Write(DiT network, DataShape shape, ConditionLayout conditions)
    {
        if (conditions.Slots is not [ClassCondition classes])
            throw Unknown($"the conditions [{string.Join(", ", conditions.Slots)}]", "train with one column of classes, no more and no less");
        if (network.SharedEmbedding || network.FrequencyShift != 1 || !network.MissingClass)
            throw Unknown($"{nameof(DiT.SharedEmbedding)}, a {nameof(DiT.FrequencyShift)} other than 1, and tables without a row for a missing class", $"set {nameof(DiT.SharedEmbedding)} false, {nameof(DiT.FrequencyShift)} 1 and {nameof(DiT.MissingClass)} true");
        if (network.FeedForwardRatio != 4 || network.LevelFeatures != 256)
            throw Unknown($"a {nameof(DiT.FeedForwardRatio)} other than 4 and {nameof(DiT.LevelFeatures)} other than 256", "set these numbers");
        if (shape.Dimensions[1] != shape.Dimensions[2])
            throw Unknown($"pictures that are not square, {shape}", "crop the pictures");
        return new JsonObject
        {
            ["_class_name"] = General,
            ["sample_size"] = shape.Dimensions[1],
            ["in_channels"] = shape.Dimensions[0],
            ["out_channels"] = (network.WithVariance ? 2 : 1) * shape.Dimensions[0],
            ["patch_size"] = network.PatchSize,
            ["num_layers"] = network.Depth,
            ["num_attention_heads"] = network.Heads,
            ["attention_head_dim"] = network.Width / network.Heads,
            ["attention_bias"] = network.AttentionBias,
            ["activation_fn"] = network.ApproximateGelu ? "gelu-approximate" : "gelu",
            ["num_embeds_ada_norm"] = classes.Count,
            ["norm_type"] = "ada_norm_zero",
            ["norm_elementwise_affine"] = false,
            ["norm_eps"] = network.FeedForwardEpsilon,
            ["interpolation_scale"] = network.PositionScale,
        };
    }

    private static NotSupportedException Unknown(string what, string cure) => new($"The transformers of diffusers do not know {what}: {cure}, and train anew. The weights alone are saved by SaveWeights.");
}
