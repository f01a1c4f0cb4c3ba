using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Guidance by a classifier of noisy data (Dhariwal and Nichol 2021, arXiv:2105.05233): the gradient of ln p(y | x) moves the estimate towards class y, by Algorithm 2 or, with
/// <see cref="KnownGuidanceShifts.Mean"/>, Algorithm 1. The model need not be conditional.
/// </summary>
/// <param name="classifier">The classifier, trained at the levels that sampling visits.</param>
/// <param name="scale">How much the classifier counts: p(x)·p(y | x)^scale. Finite; rows may give their own.</param>
/// <param name="label">The class of rows that give none, 1 … <see cref="IClassifier.Classes"/>; null: such rows are not guided.</param>
public sealed class ClassifierGuidance(IClassifier classifier, double scale = 1, int? label = null) : GradientGuidance(scale), IGuidance
{
    /// <summary>The name of the input with each row's class.</summary>
    public const string LabelInput = "Label";

    /// <summary>The classifier.</summary>
    public IClassifier Classifier { get; } = classifier ?? throw new ArgumentNullException(nameof(classifier));

    /// <summary>The class of rows that give none; null: such rows are not guided.</summary>
    public int? Label { get; } = label is null || (label >= 1 && label <= classifier?.Classes)
        ? label
        : throw new ArgumentOutOfRangeException(nameof(label), label, $"The label must be a class of the classifier, 1 to {classifier?.Classes}.");

    /// <inheritdoc/>
    [JsonIgnore]
    public IEnumerable<TrainedNetwork> Networks => Classifier.Networks;

    IEnumerable<TorchScriptFunction> IGuidance.Scripts => Classifier.Scripts;

    /// <inheritdoc/>
    public IReadOnlyList<GuidanceInput> InputsFor(DataShape shape, ConditionLayout conditions)
    {
        ArgumentNullException.ThrowIfNull(shape);
        RequireShape(Networks, shape, "The classifier");
        return [new GuidanceInput(ScaleInput, 1), GuidanceInput.Class(LabelInput, Classifier.Classes, Classifier.Labels)];
    }

    /// <inheritdoc/>
    public IDenoiser Guide(IDenoiser denoiser, int firstSlot = 0)
    {
        ArgumentNullException.ThrowIfNull(denoiser);
        ArgumentOutOfRangeException.ThrowIfNegative(firstSlot);
        return new ClassifierGuidedDenoiser(denoiser, this, firstSlot);
    }
}
