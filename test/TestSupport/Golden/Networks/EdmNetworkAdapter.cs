using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>NVlabs/edm's U-Nets behind EDM's preconditioning.</summary>
public sealed class EdmNetworkAdapter : NetworkAdapter
{
    private const double DataScale = 0.5;

    protected override bool TryRun(NetworkGolden golden, GoldenComparison comparison)
    {
        if (golden.Architecture != "EDMPrecond" || !golden.Gives("D"))
            return false;
        var config = golden.Config;
        var network = NetworkOf(config);
        var parameterization = new EdmParameterization(config.Number("sigma_data", DataScale));
        var slots = new List<ConditionSlot>();
        var packed = new List<Tensor>();
        if (config.Whole("label_dim") is > 0 and var labels)
        {
            // As vectors, whatever they hold; without any, the reference takes zeros.
            slots.Add(new VectorCondition("Label", labels));
            packed.Add(golden.Takes("class_labels") ? golden.Input("class_labels") : zeros(golden.Sizes("x")[0], labels));
        }
        if (config.Whole("augment_dim") is > 0 and var augment)
        {
            slots.Add(new AugmentationCondition(augment));
            packed.Add(golden.Takes("augment_labels") ? golden.Input("augment_labels") : zeros(golden.Sizes("x")[0], augment));
        }
        var layout = new ConditionLayout(slots);
        var x = golden.Input("x");
        var shape = new DataShape([.. golden.Sizes("x").Skip(1)]);
        using var run = new NetworkRun(golden, network.ListParameters(shape, layout), KnownWeightMaps.Edm);
        var levels = new NoiseLevels([.. golden.Input("sigma").data<float>().ToArray().Select(sigma => NoiseLevel.FromRatio(sigma))]);
        using var scaled = levels.Multiply(x, level => parameterization.At(level).In);
        using var level = tensor([.. Enumerable.Range(0, levels.Count).Select(row => (float)(Math.Log(levels[row].Ratio) / 4))]);
        using var conditions = packed.Count == 0 ? null : cat(packed, 1);
        using var answer = run.Answer(network, scaled, level, layout, conditions);
        using var denoised = parameterization.Denoise(x, answer, levels);
        golden.Compare(comparison, "D", denoised);
        return true;
    }

    private static EdmUNet NetworkOf(JsonElement config) => config.Text("model_type", "DhariwalUNet") switch
    {
        "SongUNet" => Song(config, new SongUNet()),
        "DhariwalUNet" => Dhariwal(config, new DhariwalUNet()),
        var other => throw new NotSupportedException($"EDM has no U-Net '{other}'."),
    };

    private static SongUNet Song(JsonElement config, SongUNet defaults) => new()
    {
        Channels = config.Whole("model_channels", defaults.Channels),
        Multipliers = Wholes(config, "channel_mult", defaults.Multipliers),
        EmbeddingMultiplier = config.Whole("channel_mult_emb", defaults.EmbeddingMultiplier),
        BlocksPerLevel = config.Whole("num_blocks", defaults.BlocksPerLevel),
        AttentionSizes = Wholes(config, "attn_resolutions", defaults.AttentionSizes),
        Dropout = config.Number("dropout", defaults.Dropout),
        Embedding = Enum.Parse<EdmEmbedding>(config.Text("embedding_type", "positional"), ignoreCase: true),
        NoiseMultiplier = config.Whole("channel_mult_noise", defaults.NoiseMultiplier),
        Encoder = Enum.Parse<EdmEncoder>(config.Text("encoder_type", "standard"), ignoreCase: true),
        Decoder = Enum.Parse<EdmDecoder>(config.Text("decoder_type", "standard"), ignoreCase: true),
        ResampleTaps = config.Has("resample_filter") ? config.GetProperty("resample_filter").Numbers() : defaults.ResampleTaps,
    };

    private static DhariwalUNet Dhariwal(JsonElement config, DhariwalUNet defaults) => new()
    {
        Channels = config.Whole("model_channels", defaults.Channels),
        Multipliers = Wholes(config, "channel_mult", defaults.Multipliers),
        EmbeddingMultiplier = config.Whole("channel_mult_emb", defaults.EmbeddingMultiplier),
        BlocksPerLevel = config.Whole("num_blocks", defaults.BlocksPerLevel),
        AttentionSizes = Wholes(config, "attn_resolutions", defaults.AttentionSizes),
        Dropout = config.Number("dropout", defaults.Dropout),
    };

    private static IReadOnlyList<int> Wholes(JsonElement config, string field, IReadOnlyList<int> missing)
        => config.Has(field) ? [.. config.GetProperty(field).Numbers().Select(number => (int)number)] : missing;
}
