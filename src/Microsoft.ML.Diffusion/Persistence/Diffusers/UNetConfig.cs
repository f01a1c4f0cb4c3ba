using System.Text.Json.Nodes;

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
        "sample_size", "num_train_timesteps", "upcast_attention", "addition_embed_type_num_heads", "mid_block_only_cross_attention", "num_class_embeds", "projection_class_embeddings_input_dim",
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
        int channels = config.Whole("in_channels", isConditional ? 4 : 3, least: 1), answers = config.Whole("out_channels", isConditional ? 4 : 3, least: 1);
        if (config.IsNull("norm_num_groups"))
            throw config.Refuse("networks without group normalisation (norm_num_groups null) are not supported");
        var network = new DiffusersUNet
        {
            Channels = isConditional ? config.Wholes("block_out_channels", 320, 640, 1280, 1280) : config.Wholes("block_out_channels", 224, 448, 672, 896),
            Layers = config.Wholes("layers_per_block", DiffusersOptions.MostLayers, [2]),
            Down = isConditional
                ? Stages(config, "down_block_types", DownStages, "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D")
                : Stages(config, "down_block_types", DownStages, "DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"),
            Up = isConditional
                ? Stages(config, "up_block_types", UpStages, "UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D")
                : Stages(config, "up_block_types", UpStages, "AttnUpBlock2D", "AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
            Middle = MiddleOf(config, isConditional),
            HeadWidths = config.IsNull("attention_head_dim") ? [] : config.Wholes("attention_head_dim", DiffusersOptions.MostHeads, [8]),
            // The option means heads here, whatever its name: https://github.com/huggingface/diffusers/issues/2011.
            CrossHeads = isConditional ? config.Wholes("attention_head_dim", DiffusersOptions.MostHeads, [8]) : [8],
            TransformerBlocks = config.Wholes("transformer_layers_per_block", DiffusersOptions.MostLayers, [1]),
            OnlyCross = config.Flags("only_cross_attention", false),
            LinearProjections = config.Flag("use_linear_projection", false),
            ContextWidth = ContextWidthOf(config, isConditional),
            Groups = config.Whole("norm_num_groups", 32, least: 1),
            MiddleGroups = config.WholeOrNull("attn_norm_num_groups"),
            Epsilon = config.Positive("norm_eps", 1e-5),
            MiddleDivisor = config.Positive("mid_block_scale_factor", 1),
            ScalesAndShifts = config.Choice("resnet_time_scale_shift", "default", ("default", false), ("scale_shift", true)),
            SinesFirst = !config.Flag("flip_sin_to_cos", true),
            FrequencyShift = config.Fraction("freq_shift", 0),
            EmbeddingWidth = config.WholeOrNull("time_embedding_dim"),
            Vectors = config.Choice("class_embed_type", "", Vectors),
            Concatenates = config.Flag("class_embeddings_concat", false),
            // The conditional class reads the option, and does not use it.
            CentersInput = config.Flag("center_input_sample", false),
            DownPadding = config.Whole("downsample_padding", 1, 255),
            ResidualDown = config.Choice("downsample_type", "conv", ("conv", false), ("resnet", true)),
            ResidualUp = config.Choice("upsample_type", "conv", ("conv", false), ("resnet", true)),
            InputKernel = config.Whole("conv_in_kernel", 3, 255, least: 1),
            OutputKernel = config.Whole("conv_out_kernel", 3, 255, least: 1),
            WithVariance = answers == 2 * channels,
            OutputChannels = answers == channels || answers == 2 * channels ? null : answers,
            Dropout = config.Fraction("dropout", 0),
        };
        CheckWords(config, network);
        config.Ignore(WithoutEffect);
        config.Finish();
        return network;
    }

    /// <summary>The options of a network; the counterpart of <see cref="Read"/>.</summary>
    /// <param name="network">The network.</param>
    /// <param name="shape">The shape of a sample.</param>
    /// <param name="conditions">Its conditions.</param>
    /// <exception cref="NotSupportedException">diffusers has no counterpart; says of what.</exception>
    public static JsonObject Write(DiffusersUNet network, DataShape shape, ConditionLayout conditions)
    {
        bool isConditional = network.Crosses || network.Middle == UNetMiddle.OneResidual || network.ContextWidth is not null || network.Concatenates;
        int width = network.EmbeddingWidth ?? 4 * network.Channels[0], levels = network.Channels.Count;
        var options = new JsonObject
        {
            ["_class_name"] = isConditional ? Conditional : Unconditional,
            ["sample_size"] = new JsonArray(shape.Dimensions[1], shape.Dimensions[2]),
            ["in_channels"] = shape.Dimensions[0],
            ["out_channels"] = network.OutputChannels ?? (network.LearnsVariance ? 2 : 1) * shape.Dimensions[0],
            ["block_out_channels"] = List(network.Channels),
            ["layers_per_block"] = One(network.Layers) ?? (isConditional ? List(network.Layers) : throw Unknown("levels of different numbers of layers without cross attention", $"give {nameof(DiffusersUNet.Layers)} one number")),
            ["down_block_types"] = Words(Enumerable.Range(0, levels).Select(level => network.Down[network.Down.Count == 1 ? 0 : level]), DownStages),
            ["up_block_types"] = Words(UpStagesOf(network, levels), UpStages),
            ["norm_num_groups"] = network.Groups,
            ["norm_eps"] = network.Epsilon,
            ["mid_block_scale_factor"] = network.MiddleDivisor,
            ["resnet_time_scale_shift"] = network.ScalesAndShifts ? "scale_shift" : "default",
            ["flip_sin_to_cos"] = !network.SinesFirst,
            ["freq_shift"] = network.FrequencyShift == Math.Floor(network.FrequencyShift) ? (int)network.FrequencyShift : network.FrequencyShift,
            ["time_embedding_dim"] = width,
            ["center_input_sample"] = network.CentersInput,
            ["downsample_padding"] = network.DownPadding,
            ["dropout"] = network.Dropout,
            ["act_fn"] = "silu",
        };
        WriteConditions(options, network, conditions, width);
        if (isConditional)
            WriteConditional(options, network, conditions);
        else
            WriteUnconditional(options, network);
        return options;
    }

    private static void WriteConditions(JsonObject options, DiffusersUNet network, ConditionLayout conditions, int width)
    {
        foreach (var slot in conditions.Slots)
        {
            switch (slot)
            {
                case ClassCondition classes:
                    options["num_class_embeds"] = classes.Count;
                    break;
                case VectorCondition vector:
                    options["class_embed_type"] = network.Vectors switch
                    {
                        VectorEmbedding.Sinusoids => "timestep",
                        VectorEmbedding.Identity => "identity",
                        VectorEmbedding.Linear => "simple_projection",
                        _ => "projection",
                    };
                    options["projection_class_embeddings_input_dim"] = vector.Size;
                    break;
                case SequenceCondition sequence:
                    options["cross_attention_dim"] = network.ContextWidth ?? sequence.TokenWidth;
                    if (network.ContextWidth is not null)
                        (options["encoder_hid_dim"], options["encoder_hid_dim_type"]) = (sequence.TokenWidth, "text_proj");
                    break;
                default:
                    throw Unknown($"the condition {slot}", "train with classes, vectors or sequences of tokens as conditions");
            }
        }
    }

    private static void WriteConditional(JsonObject options, DiffusersUNet network, ConditionLayout conditions)
    {
        bool attends = network.Down.Concat(network.Up).Contains(UNetStage.Attention);
        if (attends && network.Crosses && !network.HeadWidths.SequenceEqual(network.CrossHeads))
            throw Unknown($"{nameof(network.HeadWidths)} that are not {nameof(network.CrossHeads)}", "give both the same numbers");
        if (network.MiddleGroups is not null || network.Middle is UNetMiddle.TwoResiduals or UNetMiddle.Attention || network.CentersInput || network.ResidualDown || network.ResidualUp)
            throw Unknown("a network that has both cross attention and what only UNet2DModel has",
                $"leave {nameof(network.MiddleGroups)}, {nameof(network.CentersInput)}, {nameof(network.ResidualDown)} and {nameof(network.ResidualUp)} unset, and {nameof(network.Middle)} {nameof(UNetMiddle.CrossAttention)}, {nameof(UNetMiddle.OneResidual)} or {nameof(UNetMiddle.None)}");
        var heads = attends && !network.Crosses ? network.HeadWidths : network.CrossHeads;
        options["attention_head_dim"] = heads.Count == 0 ? null : One(heads) ?? List(heads);
        options["mid_block_type"] = network.Middle switch { UNetMiddle.None => null, UNetMiddle.OneResidual => "UNetMidBlock2D", _ => "UNetMidBlock2DCrossAttn" };
        options["transformer_layers_per_block"] = One(network.TransformerBlocks) ?? List(network.TransformerBlocks);
        options["only_cross_attention"] = network.OnlyCross.Count == 1 ? network.OnlyCross[0] : new JsonArray([.. network.OnlyCross.Select(only => (JsonNode)only)]);
        options["use_linear_projection"] = network.LinearProjections;
        options["class_embeddings_concat"] = network.Concatenates;
        options["conv_in_kernel"] = network.InputKernel;
        options["conv_out_kernel"] = network.OutputKernel;
    }

    private static void WriteUnconditional(JsonObject options, DiffusersUNet network)
    {
        if (network.InputKernel != 3 || network.OutputKernel != 3)
            throw Unknown("kernels of another size than 3 without cross attention", $"leave {nameof(network.InputKernel)} and {nameof(network.OutputKernel)} 3");
        if (options["class_embed_type"]?.GetValue<string>() is "projection" or "simple_projection")
            throw Unknown("a vector as condition without cross attention", "add a sequence of tokens as condition, or classes instead of the vector");
        options["attention_head_dim"] = network.HeadWidths.Count == 0 ? null : One(network.HeadWidths) ?? throw Unknown($"several {nameof(network.HeadWidths)} without cross attention", "give one");
        options["mid_block_type"] = network.Middle == UNetMiddle.None ? null : "UNetMidBlock2D";
        options["add_attention"] = network.Middle == UNetMiddle.Attention;
        options["attn_norm_num_groups"] = network.MiddleGroups is 0 ? null : network.MiddleGroups;
        // Null means no normalisation there, but only where features are scaled and shifted.
        if (network.MiddleGroups is 0 && !network.ScalesAndShifts)
            throw Unknown($"{nameof(network.MiddleGroups)} 0 without {nameof(network.ScalesAndShifts)}", $"set {nameof(network.ScalesAndShifts)}, or another number of groups");
        options["downsample_type"] = network.ResidualDown ? "resnet" : "conv";
        options["upsample_type"] = network.ResidualUp ? "resnet" : "conv";
    }

    private static IEnumerable<UNetStage> UpStagesOf(DiffusersUNet network, int levels)
        => Enumerable.Range(0, levels).Select(i => network.Up.Count == 0 ? network.Down[network.Down.Count == 1 ? 0 : levels - 1 - i] : network.Up[network.Up.Count == 1 ? 0 : i]);

    private static JsonArray Words(IEnumerable<UNetStage> stages, (string Word, UNetStage Meaning)[] known)
        => [.. stages.Select(stage => (JsonNode)known.First(each => each.Meaning == stage).Word)];

    private static JsonArray List(IReadOnlyList<int> values) => [.. values.Select(value => (JsonNode)value)];

    private static JsonNode? One(IReadOnlyList<int> values) => values.Distinct().Count() == 1 ? values[0] : null;

    private static NotSupportedException Unknown(string what, string cure) => new($"The U-Nets of diffusers do not know {what}: {cure}, and train anew. The weights alone are saved by SaveWeights.");

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
