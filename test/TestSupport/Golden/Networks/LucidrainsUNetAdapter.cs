using System.Text.Json;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>lucidrains/denoising-diffusion-pytorch's Unet.</summary>
public sealed class LucidrainsUNetAdapter : NetworkAdapter
{
    protected override bool TryRun(NetworkGolden golden, GoldenComparison comparison)
    {
        var config = golden.Config;
        if (golden.Architecture != "Unet" || config.Flag("self_condition") || config.Flag("learned_sinusoidal_cond") || config.Flag("random_fourier_features") || config.Has("out_dim"))
            return false;
        int[] multipliers = Wholes(config, "dim_mults", 1, 2, 4, 8);
        var network = new LinearAttentionUNet
        {
            Channels = config.Whole("dim"),
            FirstChannels = config.Has("init_dim") ? config.Whole("init_dim") : null,
            Multipliers = multipliers,
            FullAttention = Full(config, multipliers.Length),
            Heads = Wholes(config, "attn_heads", 4),
            HeadChannels = Wholes(config, "attn_dim_head", 32),
            FrequencySpan = config.Number("sinusoidal_pos_emb_theta", 10000),
            Dropout = config.Number("dropout", 0),
            WithVariance = config.Flag("learned_variance"),
        };
        var shape = new DataShape([.. golden.Sizes("x").Skip(1)]);
        using var run = new NetworkRun(golden, network.ListParameters(shape, ConditionLayout.Empty), KnownWeightMaps.Lucidrains);
        using var answer = run.Answer(network, golden.Input("x"), golden.Input("time"), ConditionLayout.Empty);
        golden.Compare(comparison, "out", answer);
        return true;
    }

    private static int[]? Full(JsonElement config, int levels)
    {
        if (!config.Has("full_attn"))
            return null;
        var given = config.GetProperty("full_attn");
        bool[] flags = given.ValueKind == JsonValueKind.Array ? [.. given.EnumerateArray().Select(flag => flag.GetBoolean())] : [.. Enumerable.Repeat(given.GetBoolean(), levels)];
        return [.. Enumerable.Range(0, levels).Where(level => flags[level])];
    }

    private static int[] Wholes(JsonElement config, string field, params int[] missing)
        => config.Has(field) ? [.. config.GetProperty(field).Numbers().Select(number => (int)number)] : missing;
}
