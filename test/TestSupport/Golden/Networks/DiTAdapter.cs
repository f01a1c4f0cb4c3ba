using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>facebookresearch/DiT and willisma/SiT.</summary>
public sealed class DiTAdapter : NetworkAdapter
{
    // Both references guide the first three channels alone.
    private const int GuidedChannels = 3;

    private const string Guided = "forward_with_cfg_scale";

    protected override bool TryRun(NetworkGolden golden, GoldenComparison comparison)
    {
        if (golden.Architecture is not ("DiT" or "SiT"))
            return false;
        var config = golden.Config;
        bool learnsSigma = config.Flag("learn_sigma", missing: true), hasNull = config.Number("class_dropout_prob", 0.1) > 0;
        int classes = config.Whole("num_classes", 1000);
        var network = new DiT
        {
            PatchSize = config.Whole("patch_size", 2),
            Width = config.Whole("hidden_size", 1152),
            Depth = config.Whole("depth", 28),
            Heads = config.Whole("num_heads", 16),
            FeedForwardRatio = config.Number("mlp_ratio", 4),
            MissingClass = hasNull,
            WithVariance = learnsSigma,
        };
        using var scope = NewDisposeScope();
        var layout = new ConditionLayout([new ClassCondition("y", classes)]);
        var x = golden.Input("x");
        var (t, y) = (golden.Input("t"), golden.Input("y"));
        using var run = new NetworkRun(golden, network.ListParameters(new DataShape([.. golden.Sizes("x").Skip(1)]), layout), KnownWeightMaps.DiT);
        golden.Compare(comparison, "out", Answer(x, t, y));

        if (golden.Outputs.SingleOrDefault(output => output.StartsWith(Guided, StringComparison.Ordinal)) is not { } guided)
            return true;
        double scale = double.Parse(guided[Guided.Length..], System.Globalization.CultureInfo.InvariantCulture);
        var twice = cat([x.narrow(0, 0, 1), x.narrow(0, 0, 1)]);
        var both = Answer(twice, cat([t.narrow(0, 0, 1), t.narrow(0, 0, 1)]), cat([y.narrow(0, 0, 1), full(1, (float)classes)]));
        var (first, rest) = (both.narrow(1, 0, GuidedChannels), both.narrow(1, GuidedChannels, both.size(1) - GuidedChannels));
        var (with, without) = (first.narrow(0, 0, 1), first.narrow(0, 1, 1));
        var half = without + (with - without) * scale;
        golden.Compare(comparison, guided, cat([cat([half, half]), rest], 1));
        return true;

        Tensor Answer(Tensor x, Tensor t, Tensor y)
        {
            // Here 0 stands for: no class.
            var packed = ((y + 1) * (y != classes)).unsqueeze(1).to(ScalarType.Float32);
            var answer = run.Answer(network, x, t, layout, packed);
            // SiT has the channels of the variance, but does not answer with them.
            return learnsSigma && golden.Architecture == "SiT" ? answer.narrow(1, 0, x.size(1)) : answer;
        }
    }
}
