using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Pictures, or sequences, whose mean over all places is a given colour: −Σ (mean of each channel − y)²/(2·deviation²).</summary>
/// <param name="target">The name of the colour y [C], in a pipeline in the units of the model's data.</param>
/// <param name="deviation">How far, in model space, a mean may lie from its target; positive. 0.1 unless given.</param>
public sealed class MeanColorObjective(string target, double deviation = 0.1) : GuidanceObjective
{
    /// <summary>The name of the colour.</summary>
    public string Target { get; } = CheckName(target, nameof(target));

    /// <summary>How far, in model space, a mean may lie from its target.</summary>
    public double Deviation { get; } = GaussianMatch.Check(deviation);

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> TargetNames => [Target];

    /// <inheritdoc/>
    public override IReadOnlyList<GuidanceInput> TargetsFor(DataShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return shape.Dimensions.Count > 1
            ? [GuidanceInput.Data(Target, new DataShape(shape.Dimensions[0]))]
            : throw new ArgumentException($"A mean colour needs pictures or sequences of channels; samples are {shape}.", nameof(shape));
    }

    /// <inheritdoc/>
    protected override Tensor Evaluate(Tensor x0, IReadOnlyList<Tensor> targets)
    {
        using var places = x0.flatten(2);
        using var color = places.mean([2L]);
        return GaussianMatch.LogLikelihood(color, targets[0], Deviation);
    }
}
