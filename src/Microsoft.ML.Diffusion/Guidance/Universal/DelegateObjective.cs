using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>An objective in code.</summary>
internal sealed class DelegateObjective(Func<Tensor, IReadOnlyList<Tensor>, Tensor> logLikelihood, IReadOnlyList<GuidanceInput> targets) : GuidanceObjective, IJsonOnSerializing
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> TargetNames => [.. targets.Select(target => target.Name)];

    /// <inheritdoc/>
    public override IReadOnlyList<GuidanceInput> TargetsFor(DataShape shape) => targets;

    /// <inheritdoc/>
    protected override Tensor Evaluate(Tensor x0, IReadOnlyList<Tensor> targets) => logLikelihood(x0, targets);

    void IJsonOnSerializing.OnSerializing() => throw new InvalidOperationException(
        "An objective in code (GuidanceObjective.From) can not be saved. Write it as a TorchScript file (new TorchScriptObjective(File.ReadAllBytes(path))), take one of KnownGuidanceObjectives, or leave the guidance out of what is saved and append it after loading.");
}
