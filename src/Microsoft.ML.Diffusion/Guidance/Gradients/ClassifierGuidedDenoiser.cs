using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A denoiser under classifier guidance: x̂0 + shift(scale·∇ ln p(y | x)).</summary>
internal sealed class ClassifierGuidedDenoiser(IDenoiser inner, ClassifierGuidance guidance, int firstSlot) : IDenoiser
{
    /// <inheritdoc/>
    public bool TakesPrevious => inner.TakesPrevious;

    /// <inheritdoc/>
    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        var levels = step.Level;
        int rows = (int)x.size(0);
        var labels = ClassLabels.Read(condition, firstSlot + 1, ClassifierGuidance.LabelInput, guidance.Classifier.Classes, guidance.Label, rows);
        using var scales = GuidanceSlots.Column(condition, firstSlot, GradientGuidance.ScaleInput, guidance.Scale, x);
        if (labels.Any(label => label > 0) is false || (scales is null && guidance.Scale == 0))
            return inner.Denoise(x, step, condition);
        using var gradient = GradientOf.Rows(x, levels, "The classifier's log-probability", leaf => LogProbability(leaf, levels, labels));
        return guidance.Apply(inner.Denoise(x, step, condition), gradient, scales, step);
    }

    private Tensor LogProbability(Tensor x, NoiseLevels levels, int[] labels)
    {
        using var logs = guidance.Classifier.LogProbabilities(x, levels);
        if (logs.dim() != 2 || logs.size(0) != labels.Length || logs.size(1) != guidance.Classifier.Classes)
            throw new InvalidOperationException($"The classifier answers with [{string.Join(", ", logs.shape)}]; expected log-probabilities [{labels.Length}, {guidance.Classifier.Classes}].");
        return ClassLabels.Pick(logs, labels);
    }
}
