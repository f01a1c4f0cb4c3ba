using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Pictures that look like a smaller one once they are made as small: −Σ (mean of each square − y)²/(2·deviation²).</summary>
/// <param name="target">The name of the target y [C, H/factor, W/factor], in a pipeline in the units of the model's data.</param>
/// <param name="factor">The side of the squares of pixels that are averaged; at least 2.</param>
/// <param name="deviation">How far, in model space, a mean may lie from its target; positive. 1 unless given.</param>
public sealed class LowResolutionObjective(string target, int factor, double deviation = 1) : GuidanceObjective
{
    /// <summary>The name of the target.</summary>
    public string Target { get; } = CheckName(target, nameof(target));

    /// <summary>The side of the squares of pixels that are averaged.</summary>
    public int Factor { get; } = factor >= 2 ? factor : throw new ArgumentOutOfRangeException(nameof(factor), factor, "The factor must be at least 2.");

    /// <summary>How far, in model space, a mean may lie from its target.</summary>
    public double Deviation { get; } = GaussianMatch.Check(deviation);

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> TargetNames => [Target];

    /// <inheritdoc/>
    public override IReadOnlyList<GuidanceInput> TargetsFor(DataShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        var sizes = shape.Dimensions;
        return shape.IsImage && sizes[1] % Factor == 0 && sizes[2] % Factor == 0
            ? [GuidanceInput.Data(Target, new DataShape(sizes[0], sizes[1] / Factor, sizes[2] / Factor))]
            : throw new ArgumentException($"A picture {Factor} times as small needs pictures whose height and width are multiples of {Factor}; samples are {shape}.", nameof(shape));
    }

    /// <inheritdoc/>
    protected override Tensor Evaluate(Tensor x0, IReadOnlyList<Tensor> targets)
    {
        using var squares = x0.reshape(x0.size(0), x0.size(1), x0.size(2) / Factor, Factor, x0.size(3) / Factor, Factor);
        using var small = squares.mean([3, 5]);
        using var values = small.flatten(1);
        return GaussianMatch.LogLikelihood(values, targets[0], Deviation);
    }
}
