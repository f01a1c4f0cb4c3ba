using System.Text.Json.Nodes;

namespace Microsoft.ML.Diffusion;

/// <summary>The options of AutoencoderKL and VQModel.</summary>
internal static class AutoencoderConfig
{
    public const string Kl = "AutoencoderKL";
    public const string Vq = "VQModel";

    // What says how a model computes, or for which sizes, but not what.
    private static readonly string[] WithoutEffect = ["in_channels", "out_channels", "sample_size", "force_upcast", "lookup_from_codebook"];

    /// <summary>The autoencoder of a config.json.</summary>
    /// <param name="config">The options; checked to be all understood.</param>
    /// <param name="className">AutoencoderKL or VQModel.</param>
    /// <exception cref="NotSupportedException">An option or word has no counterpart; names it.</exception>
    public static Autoencoder Read(DiffusersOptions config, string className)
    {
        config.Choice("act_fn", "silu", ("silu", 0), ("swish", 0));
        config.Choice("norm_type", "group", ("group", 0));
        if (config.Has("latents_mean") || config.Has("latents_std"))
            throw config.Refuse("latents_mean and latents_std are not supported");
        var read = config.Meaning<Func<DiffusersOptions, Autoencoder>>("_class_name", className, (Kl, ReadKl), (Vq, ReadVq));
        var autoencoder = config.Of(() => read(config));
        config.Ignore(WithoutEffect);
        config.Ignore("decay", "inv_gamma", "min_decay", "optimization_step", "power", "update_after_step", "use_ema_warmup");
        config.Finish();
        return autoencoder;
    }

    /// <summary>The options of an autoencoder; the counterpart of <see cref="Read"/>.</summary>
    public static JsonObject Write(Autoencoder autoencoder, DataShape shape)
    {
        var options = new JsonObject
        {
            ["_class_name"] = autoencoder is KlAutoencoder ? Kl : Vq,
            ["sample_size"] = new JsonArray(shape.Dimensions[1], shape.Dimensions[2]),
            ["in_channels"] = shape.Dimensions[0],
            ["out_channels"] = shape.Dimensions[0],
            ["block_out_channels"] = new JsonArray([.. autoencoder.Channels.Select(width => (JsonNode)width)]),
            ["down_block_types"] = Blocks(autoencoder.DownAttention, autoencoder.Channels.Count, "DownEncoderBlock2D"),
            ["up_block_types"] = Blocks(autoencoder.UpAttention, autoencoder.Channels.Count, "UpDecoderBlock2D"),
            ["layers_per_block"] = autoencoder.Layers,
            ["norm_num_groups"] = autoencoder.Groups,
            ["latent_channels"] = autoencoder.LatentChannels,
            ["mid_block_add_attention"] = autoencoder.MiddleAttention,
            ["scaling_factor"] = autoencoder.LatentScale,
            ["act_fn"] = "silu",
        };
        if (autoencoder is KlAutoencoder kl)
            (options["use_quant_conv"], options["use_post_quant_conv"], options["shift_factor"]) = (kl.EncoderProjection, kl.DecoderProjection, kl.LatentShift == 0 ? null : kl.LatentShift);
        if (autoencoder is VqAutoencoder vq)
            (options["num_vq_embeddings"], options["vq_embed_dim"]) = (vq.Codes, vq.CodeWidth);
        return options;
    }

    private static JsonArray Blocks(IReadOnlyList<bool> attends, int levels, string plain)
        => [.. Enumerable.Range(0, levels).Select(level => (JsonNode)(attends[attends.Count == 1 ? 0 : level] ? "Attn" + plain : plain))];

    private static bool[] Attention(DiffusersOptions config, string option, string plain)
        => [.. config.Texts(option, plain).Select(block => config.Meaning(option, block, (plain, false), ("Attn" + plain, true)))];

    private static KlAutoencoder ReadKl(DiffusersOptions config) => new()
    {
        Channels = config.Wholes("block_out_channels", 64),
        Layers = config.Whole("layers_per_block", 1, DiffusersOptions.MostLayers, least: 1),
        Groups = config.Whole("norm_num_groups", 32, least: 1),
        LatentChannels = config.Whole("latent_channels", 4, least: 1),
        DownAttention = Attention(config, "down_block_types", "DownEncoderBlock2D"),
        UpAttention = Attention(config, "up_block_types", "UpDecoderBlock2D"),
        MiddleAttention = config.Flag("mid_block_add_attention", true),
        LatentScale = config.Positive("scaling_factor", 0.18215),
        LatentShift = config.Number("shift_factor", 0),
        EncoderProjection = config.Flag("use_quant_conv", true),
        DecoderProjection = config.Flag("use_post_quant_conv", true),
    };

    private static VqAutoencoder ReadVq(DiffusersOptions config) => new()
    {
        Channels = config.Wholes("block_out_channels", 64),
        Layers = config.Whole("layers_per_block", 1, DiffusersOptions.MostLayers, least: 1),
        Groups = config.Whole("norm_num_groups", 32, least: 1),
        LatentChannels = config.Whole("latent_channels", 3, least: 1),
        DownAttention = Attention(config, "down_block_types", "DownEncoderBlock2D"),
        UpAttention = Attention(config, "up_block_types", "UpDecoderBlock2D"),
        MiddleAttention = config.Flag("mid_block_add_attention", true),
        LatentScale = config.Positive("scaling_factor", 0.18215),
        Codes = config.Whole("num_vq_embeddings", 256, least: 1),
        CodeWidth = config.WholeOrNull("vq_embed_dim"),
    };
}
