namespace Microsoft.ML.Diffusion;

/// <summary>The options of UNet2DModel and UNet2DConditionModel as a <see cref="DiffusersUNet"/>.</summary>
internal static class UNetConfig
{
    public const string Unconditional = "UNet2DModel";
    public const string Conditional = "UNet2DConditionModel";

    private static readonly (string Word, UNetStage Meaning)[] DownStages =
    [
        ("DownBlock2D", UNetStage.Residual), ("AttnDownBlock2D", UNetStage.Attention), ("CrossAttnDownBlock2D", UNetStage.CrossAttention), ("ResnetDownsampleBlock2D", UNetStage.ResidualResizing),
    ];

    private static readonly (string Word, UNetStage Meaning)[] UpStages =
    [
        ("UpBlock2D", UNetStage.Residual), ("AttnUpBlock2D", UNetStage.Attention), ("CrossAttnUpBlock2D", UNetStage.CrossAttention), ("ResnetUpsampleBlock2D", UNetStage.ResidualResizing),
    ];

    private static readonly (string Word, VectorEmbedding Meaning)[] Vectors =
    [
        ("", VectorEmbedding.TwoLayers), ("timestep", VectorEmbedding.Sinusoids), ("identity", VectorEmbedding.Identity),
        ("projection", VectorEmbedding.TwoLayers), ("simple_projection", VectorEmbedding.Linear),
    ];

    // What says how a model computes, but not what.
    private static readonly string[] WithoutEffect =
    [
        "sample_size", "in_channels", "num_train_timesteps", "upcast_attention", "addition_embed_type_num_heads", "mid_block_only_cross_attention", "num_class_embeds", "projection_class_embeddings_input_dim",
    ];

    /// <summary>The network of a config.json.</summary>
    /// <param name="config">The options; checked to be all understood.</param>
    /// <param name="isConditional">Whether of a UNet2DConditionModel.</param>
    /// <exception cref="NotSupportedException">An option or word has no counterpart; names it.</exception>
    public static DiffusersUNet Read(DiffusersOptions config, bool isConditional)
    {
        config.Choice("act_fn", "silu", ("silu", 0), ("swish", 0));
        config.Choice("time_embedding_type", "positional", ("positional", 0));
        config.Choice("attention_type", "default", ("default", 0));
        if (config.IsNull("norm_num_groups"))
            throw config.Refuse("networks without group normalisation (norm_num_groups null) are not supported");
        var network = new DiffusersUNet
        {
            Channels = isConditional ? config.Wholes("block_out_channels", 320, 640, 1280, 1280) : config.Wholes("block_out_channels", 224, 448, 672, 896),
            Layers = config.Wholes("layers_per_block", 2),
            Down = isConditional
                ? Stages(config, "down_block_types", DownStages, "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D")
                : Stages(config, "down_block_types", DownStages, "DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"),
            Up = isConditional
                ? Stages(config, "up_block_types", UpStages, "UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D")
                : Stages(config, "up_block_types", UpStages, "AttnUpBlock2D", "AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
            Middle = MiddleOf(config, isConditional),
            HeadWidths = config.IsNull("attention_head_dim") ? [] : config.Wholes("attention_head_dim", 8),
            // The option means heads here, whatever its name: https://github.com/huggingface/diffusers/issues/2011.
            CrossHeads = isConditional ? config.Wholes("attention_head_dim", 8) : [8],
            TransformerBlocks = config.Wholes("transformer_layers_per_block", 1),
            OnlyCross = config.Flags("only_cross_attention", false),
            LinearProjections = config.Flag("use_linear_projection", false),
            ContextWidth = ContextWidthOf(config, isConditional),
            Groups = config.Whole("norm_num_groups", 32),
            MiddleGroups = config.WholeOrNull("attn_norm_num_groups"),
            Epsilon = config.Number("norm_eps", 1e-5),
            MiddleDivisor = config.Number("mid_block_scale_factor", 1),
            ScalesAndShifts = config.Choice("resnet_time_scale_shift", "default", ("default", false), ("scale_shift", true)),
            SinesFirst = !config.Flag("flip_sin_to_cos", true),
            FrequencyShift = config.Number("freq_shift", 0),
            EmbeddingWidth = config.WholeOrNull("time_embedding_dim"),
            Vectors = config.Choice("class_embed_type", "", Vectors),
            Concatenates = config.Flag("class_embeddings_concat", false),
            // The conditional class reads the option, and does not use it.
            CentersInput = config.Flag("center_input_sample", false),
            DownPadding = config.Whole("downsample_padding", 1),
            ResidualDown = config.Choice("downsample_type", "conv", ("conv", false), ("resnet", true)),
            ResidualUp = config.Choice("upsample_type", "conv", ("conv", false), ("resnet", true)),
            InputKernel = config.Whole("conv_in_kernel", 3),
            OutputKernel = config.Whole("conv_out_kernel", 3),
            OutputChannels = config.Whole("out_channels", isConditional ? 4 : 3),
            Dropout = config.Number("dropout", 0),
        };
        CheckWords(config, network);
        config.Ignore(WithoutEffect);
        config.Finish();
        return network;
    }

    private static IReadOnlyList<UNetStage> Stages(DiffusersOptions config, string option, (string, UNetStage)[] known, params string[] missing)
        // "UNetRes" before a name changes nothing.
        => [.. config.Texts(option, missing).Select(name => config.Meaning(option, name.StartsWith("UNetRes", StringComparison.Ordinal) ? name[7..] : name, known))];

    private static UNetMiddle MiddleOf(DiffusersOptions config, bool isConditional)
    {
        bool attends = config.Flag("add_attention", true);
        if (config.IsNull("mid_block_type"))
            return UNetMiddle.None;
        return isConditional
            ? config.Choice("mid_block_type", "UNetMidBlock2DCrossAttn", ("UNetMidBlock2DCrossAttn", UNetMiddle.CrossAttention), ("UNetMidBlock2D", UNetMiddle.OneResidual))
            : config.Choice("mid_block_type", "UNetMidBlock2D", ("UNetMidBlock2D", attends ? UNetMiddle.Attention : UNetMiddle.TwoResiduals));
    }

    private static int? ContextWidthOf(DiffusersOptions config, bool isConditional)
    {
        var widths = config.Wholes("cross_attention_dim", 1280);
        if (widths.Distinct().Count() > 1)
            throw config.Refuse($"cross_attention_dim [{string.Join(", ", widths)}] differs between levels, which is not supported");
        bool isProjected = config.Choice("encoder_hid_dim_type", config.Has("encoder_hid_dim") ? "text_proj" : "", ("", false), ("text_proj", true));
        config.Ignore("encoder_hid_dim");
        return isConditional && isProjected ? widths[0] : null;
    }

    private static void CheckWords(DiffusersOptions config, DiffusersUNet network)
    {
        bool isPlain = config.Number("resnet_out_scale_factor", 1) == 1 && !config.Flag("resnet_skip_time_act", false);
        if (!isPlain && (network.Down.Contains(UNetStage.ResidualResizing) || network.Up.Contains(UNetStage.ResidualResizing)))
            throw config.Refuse("resnet_out_scale_factor and resnet_skip_time_act are not supported");
        // There the reference counts the widths of heads from the other end.
        if (network.Up.Contains(UNetStage.Attention) && network.HeadWidths.Distinct().Count() > 1)
            throw config.Refuse("attention_head_dim of several values is not supported together with AttnUpBlock2D");
    }
}
