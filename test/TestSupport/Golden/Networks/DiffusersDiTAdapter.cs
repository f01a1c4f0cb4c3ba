using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>DiT as diffusers has it.</summary>
public sealed class DiffusersDiTAdapter : NetworkAdapter
{
    protected override bool TryRun(NetworkGolden golden, GoldenComparison comparison)
    {
        if (golden.Repository != "huggingface/diffusers" || golden.Architecture is not (DiTConfig.General or DiTConfig.Own) || golden.Config.Text("norm_type", "ada_norm_zero") != "ada_norm_zero")
            return false;
        var network = DiTConfig.Read(new DiffusersOptions(golden.Config, "config"), golden.Architecture == DiTConfig.General);
        using var scope = NewDisposeScope();
        int classes = golden.Config.Whole("num_embeds_ada_norm", 1000);
        var layout = new ConditionLayout([new ClassCondition("class_labels", classes)]);
        var labels = golden.Input("class_labels");
        var packed = ((labels + 1) * (labels != classes)).unsqueeze(1).to(ScalarType.Float32);
        using var run = new NetworkRun(golden, network, golden.Sizes("hidden_states"), layout);
        golden.Compare(comparison, "sample", run.Answer(network, golden.Input("hidden_states"), golden.Input("timestep"), layout, packed));
        return true;
    }
}
