using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Samples that an encoder takes for alike to a target: ⟨f(x0), f(y)⟩/temperature for vectors of length 1, the cosine of the angle between them (style and face guidance of Bansal et al.
/// 2023, arXiv:2302.07121, section 4).
/// </summary>
/// <param name="encoder">f, asked at the clean end. Its networks stay the caller's.</param>
/// <param name="target">The name of the target y: data of the model's shape, in a pipeline in the units of its data.</param>
/// <param name="temperature">How much of a difference of angles weighs; positive. 0.1 unless given.</param>
public sealed class FeatureObjective(IEncoder encoder, string target, double temperature = 0.1) : GuidanceObjective
{
    /// <summary>The encoder.</summary>
    public IEncoder Encoder { get; } = encoder ?? throw new ArgumentNullException(nameof(encoder));

    /// <summary>The name of the target.</summary>
    public string Target { get; } = CheckName(target, nameof(target));

    /// <summary>How much of a difference of angles weighs.</summary>
    public double Temperature { get; } = temperature > 0 && double.IsFinite(temperature)
        ? temperature
        : throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "The temperature must be positive and finite.");

    /// <inheritdoc/>
    [JsonIgnore]
    public override IEnumerable<TrainedNetwork> Networks => Encoder.Networks;

    /// <inheritdoc/>
    internal override IEnumerable<TorchScriptFunction> Scripts => Encoder.Scripts;

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> TargetNames => [Target];

    /// <inheritdoc/>
    public override IReadOnlyList<GuidanceInput> TargetsFor(DataShape shape) => [GuidanceInput.Data(Target, shape)];

    /// <inheritdoc/>
    protected override Tensor Evaluate(Tensor x0, IReadOnlyList<Tensor> targets)
    {
        using var wanted = Embed(targets[0], x0);
        using var seen = Encoder.Embed(x0, NoiseLevel.Clean);
        using var cosine = RowSums.OfProduct(seen, wanted);
        return cosine.Times(1 / Temperature);
    }

    private Tensor Embed(Tensor target, Tensor like)
    {
        using var off = no_grad();
        using var data = target.view(like.shape);
        return Encoder.Embed(data, NoiseLevel.Clean);
    }
}
