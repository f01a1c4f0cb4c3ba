using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>openai/guided-diffusion's U-Net and noisy classifier.</summary>
public sealed class GuidedDiffusionNetworkAdapter : NetworkAdapter
{
    private static readonly double[] Multipliers = [1, 2, 4, 8];

    protected override bool TryRun(NetworkGolden golden, GoldenComparison comparison)
    {
        if (golden.Architecture is not ("UNetModel" or "EncoderUNetModel") || golden.Config.Whole("dims", 2) != 2)
            return false;
        var config = golden.Config;
        bool isClassifier = golden.Architecture == "EncoderUNetModel";
        Network network = isClassifier ? Classifier(config) : UNet(config);
        using var scope = NewDisposeScope();
        int classes = isClassifier ? 0 : config.Whole("num_classes");
        var layout = classes > 0 ? new ConditionLayout([new ClassCondition("y", classes)]) : ConditionLayout.Empty;
        var packed = classes > 0 ? (golden.Input("y") + 1).unsqueeze(1) : null;
        using var run = new NetworkRun(golden, network, golden.Sizes("x"), layout);
        golden.Compare(comparison, isClassifier ? "logits" : "out", run.Answer(network, golden.Input("x"), golden.Input("timesteps"), layout, packed));
        return true;
    }

    private static AdmUNet UNet(JsonElement config) => new()
    {
        Channels = config.Whole("model_channels"),
        Multipliers = MultipliersOf(config),
        BlocksPerLevel = config.Whole("num_res_blocks"),
        AttentionFactors = FactorsOf(config),
        Dropout = config.Number("dropout", 0),
        Heads = config.Whole("num_heads", 1),
        HeadChannels = Given(config, "num_head_channels"),
        HeadsUp = Given(config, "num_heads_upsample"),
        ScalesAndShifts = config.Flag("use_scale_shift_norm"),
        ResidualResize = config.Flag("resblock_updown"),
        ConvolvedResize = config.Flag("conv_resample", missing: true),
        NewAttentionOrder = config.Flag("use_new_attention_order"),
        WithVariance = config.Whole("out_channels") == 2 * config.Whole("in_channels"),
    };

    private static AdmClassifier Classifier(JsonElement config) => new()
    {
        Channels = config.Whole("model_channels"),
        Multipliers = MultipliersOf(config),
        BlocksPerLevel = config.Whole("num_res_blocks"),
        AttentionFactors = FactorsOf(config),
        Dropout = config.Number("dropout", 0),
        Heads = config.Whole("num_heads", 1),
        HeadChannels = Given(config, "num_head_channels"),
        ScalesAndShifts = config.Flag("use_scale_shift_norm"),
        ResidualResize = config.Flag("resblock_updown"),
        ConvolvedResize = config.Flag("conv_resample", missing: true),
        NewAttentionOrder = config.Flag("use_new_attention_order"),
        Classes = config.Whole("out_channels"),
        Pool = config.Text("pool", "adaptive") switch
        {
            "adaptive" => ClassifierPool.Mean,
            "attention" => ClassifierPool.Attention,
            "spatial" => ClassifierPool.Features,
            "spatial_v2" => ClassifierPool.NormalisedFeatures,
            var other => throw new NotSupportedException($"guided-diffusion has no pool '{other}'."),
        },
    };

    private static double[] MultipliersOf(JsonElement config) => config.Has("channel_mult") ? config.GetProperty("channel_mult").Numbers() : Multipliers;

    private static int[] FactorsOf(JsonElement config) => [.. config.GetProperty("attention_resolutions").Numbers().Select(number => (int)number)];

    private static int? Given(JsonElement config, string field) => config.Whole(field, -1) is > 0 and var value ? value : null;
}
