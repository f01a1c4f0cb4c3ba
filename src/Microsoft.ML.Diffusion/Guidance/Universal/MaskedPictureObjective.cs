using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Samples that look like a target where a mask is 1: −Σ m·(x0 − y)²/(2·deviation²). Of data of any shape.</summary>
/// <param name="target">The name of the target y: data of the model's shape, in a pipeline in the units of its data.</param>
/// <param name="mask">The name of the mask m in [0, 1]: 1 where the sample is to match. Not <see cref="Inpainting"/>'s, which is 1 where the sample is free.</param>
/// <param name="deviation">How far, in model space, a value may lie from its target; positive. 1 unless given.</param>
public sealed class MaskedPictureObjective(string target, string mask, double deviation = 1) : GuidanceObjective
{
    /// <summary>The name of the target.</summary>
    public string Target { get; } = CheckName(target, nameof(target));

    /// <summary>The name of the mask.</summary>
    public string Mask { get; } = CheckName(mask, nameof(mask));

    /// <summary>How far, in model space, a value may lie from its target.</summary>
    public double Deviation { get; } = GaussianMatch.Check(deviation);

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> TargetNames => [Target, Mask];

    /// <inheritdoc/>
    public override IReadOnlyList<GuidanceInput> TargetsFor(DataShape shape) => [GuidanceInput.Data(Target, shape), GuidanceInput.Mask(Mask, shape)];

    /// <inheritdoc/>
    protected override Tensor Evaluate(Tensor x0, IReadOnlyList<Tensor> targets)
    {
        using var values = x0.flatten(1);
        // m·(x0 − y)² = (√m·x0 − √m·y)².
        using var weight = targets[1].sqrt();
        using var seen = values.mul(weight);
        using var wanted = targets[0].mul(weight);
        return GaussianMatch.LogLikelihood(seen, wanted, Deviation);
    }
}
