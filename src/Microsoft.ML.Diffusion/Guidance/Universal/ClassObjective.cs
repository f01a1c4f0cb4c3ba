using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Samples of a class: ln p(y | x0), by a classifier that need not know noise.</summary>
/// <param name="classifier">The classifier, asked at the clean end. Its networks stay the caller's.</param>
/// <param name="target">The name of the class y, 1 … <see cref="IClassifier.Classes"/>: in a pipeline a key.</param>
public sealed class ClassObjective(IClassifier classifier, string target) : GuidanceObjective
{
    /// <summary>The classifier.</summary>
    public IClassifier Classifier { get; } = classifier ?? throw new ArgumentNullException(nameof(classifier));

    /// <summary>The name of the class.</summary>
    public string Target { get; } = CheckName(target, nameof(target));

    /// <inheritdoc/>
    [JsonIgnore]
    public override IEnumerable<TrainedNetwork> Networks => Classifier.Networks;

    /// <inheritdoc/>
    internal override IEnumerable<TorchScriptFunction> Scripts => Classifier.Scripts;

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<string> TargetNames => [Target];

    /// <inheritdoc/>
    public override IReadOnlyList<GuidanceInput> TargetsFor(DataShape shape) => [GuidanceInput.Class(Target, Classifier.Classes, Classifier.Labels)];

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A class is not in 0 … <see cref="IClassifier.Classes"/>.</exception>
    protected override Tensor Evaluate(Tensor x0, IReadOnlyList<Tensor> targets)
    {
        using var logProbabilities = Classifier.LogProbabilities(x0, NoiseLevel.Clean);
        return ClassLabels.Pick(logProbabilities, ClassLabels.Read(targets[0], Target, Classifier.Classes));
    }
}
