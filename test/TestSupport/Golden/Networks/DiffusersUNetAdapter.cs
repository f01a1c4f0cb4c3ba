using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>UNet2DModel and UNet2DConditionModel of diffusers.</summary>
public sealed class DiffusersUNetAdapter : NetworkAdapter
{
    protected override bool TryRun(NetworkGolden golden, GoldenComparison comparison)
    {
        if (golden.Repository != "huggingface/diffusers" || golden.Architecture is not (UNetConfig.Unconditional or UNetConfig.Conditional))
            return false;
        var network = UNetConfig.Read(new DiffusersOptions(golden.Config, "config"), golden.Architecture == UNetConfig.Conditional);
        using var scope = NewDisposeScope();
        var (slots, packed) = Conditions(golden);
        var layout = new ConditionLayout(slots);
        var x = golden.Input("sample");
        int rows = golden.Sizes("sample")[0];
        using var run = new NetworkRun(golden, network, golden.Sizes("sample"), layout);
        using var answer = run.Answer(network, x, golden.Input("timestep").reshape(-1).expand(rows), layout, packed.Count == 0 ? null : cat([.. packed], 1));
        golden.Compare(comparison, "sample", answer);
        return true;
    }

    private static (List<ConditionSlot> Slots, List<Tensor> Packed) Conditions(NetworkGolden golden)
    {
        List<ConditionSlot> slots = [];
        List<Tensor> packed = [];
        if (golden.Takes("class_labels"))
        {
            var labels = golden.Input("class_labels");
            bool isTable = golden.Config.Text("class_embed_type") == "";
            packed.Add(isTable ? (labels + 1).unsqueeze(1) : labels.reshape(labels.size(0), -1));
            slots.Add(isTable ? new ClassCondition("class_labels", golden.Config.Whole("num_class_embeds")) : new VectorCondition("class_labels", (int)packed[0].size(1)));
        }
        if (golden.Takes("encoder_hidden_states"))
        {
            var sizes = golden.Sizes("encoder_hidden_states");
            slots.Add(new SequenceCondition("encoder_hidden_states", sizes[1], sizes[2]));
            var tokens = golden.Input("encoder_hidden_states");
            if (golden.Takes("encoder_attention_mask"))
                tokens = tokens.masked_fill(golden.Input("encoder_attention_mask").unsqueeze(2) == 0, float.NaN);
            packed.Add(tokens.reshape(sizes[0], -1));
        }
        return (slots, packed);
    }
}
