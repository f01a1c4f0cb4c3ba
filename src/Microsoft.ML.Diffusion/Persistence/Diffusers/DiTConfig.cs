namespace Microsoft.ML.Diffusion;

/// <summary>The options of Transformer2DModel and DiTTransformer2DModel of diffusers as a <see cref="DiT"/>.</summary>
internal static partial class DiTConfig
{
    public const string General = "Transformer2DModel";
    public const string Own = "DiTTransformer2DModel";

    private const double SizeOfUnitPositions = 64;

    // What says how a model computes or is trained, but not what.
    private static readonly string[] WithoutEffect = ["dropout", "upcast_attention", "norm_num_groups", "num_embeds_ada_norm", "use_linear_projection", "class_dropout_prob"];

    /// <summary>The network of a config.json.</summary>
    /// <param name="config">The options; checked to be all understood.</param>
    /// <param name="isGeneral">Whether of a Transformer2DModel.</param>
    /// <exception cref="NotSupportedException">An option or word has no counterpart; names it.</exception>
    public static DiT Read(DiffusersOptions config, bool isGeneral)
    {
        config.Choice("norm_type", isGeneral ? "layer_norm" : "ada_norm_zero", ("ada_norm_zero", 0));
        config.Choice("attention_type", "default", ("default", 0));
        if (config.Flag("norm_elementwise_affine", isGeneral))
            throw config.Refuse("normalisations with a scale of their own (norm_elementwise_affine) are not supported");
        if (isGeneral && !config.Has("patch_size"))
            throw config.Refuse("a transformer without patch_size is a part of a U-Net, not a network for patches");
        int channels = config.Whole("in_channels", 4, least: 1), answers = config.WholeOrNull("out_channels") ?? channels, size = config.Whole("sample_size", 32, least: 1);
        if (answers != channels && answers != 2 * channels)
            throw config.Refuse($"out_channels is {answers}, which is neither in_channels {channels} nor twice as many");
        int heads = config.Whole("num_attention_heads", 16, DiffusersOptions.MostHeads, least: 1);
        var network = new DiT
        {
            PatchSize = config.Whole("patch_size", 2, 1024, least: 1),
            Width = heads * config.Whole("attention_head_dim", isGeneral ? 88 : 72, DiffusersOptions.MostHeads, least: 1),
            Depth = config.Whole("num_layers", isGeneral ? 1 : 28, DiffusersOptions.MostLayers, least: 1),
            Heads = heads,
            FrequencyShift = 1,
            SharedEmbedding = false,
            AttentionBias = config.Flag("attention_bias", !isGeneral),
            ApproximateGelu = config.Choice("activation_fn", isGeneral ? "geglu" : "gelu-approximate", ("gelu-approximate", true), ("gelu", false)),
            FeedForwardEpsilon = config.Positive("norm_eps", 1e-5),
            PositionScale = isGeneral ? config.Positive("interpolation_scale", Math.Max(Math.Floor(size / SizeOfUnitPositions), 1)) : 1,
            WithVariance = answers == 2 * channels,
        };
        config.Ignore(WithoutEffect);
        config.Finish();
        return network;
    }
}
