using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A denoiser under CLIP guidance: x̂0 + shift(scale·∇ similarity(embed, target)).</summary>
internal sealed class ClipGuidedDenoiser(IDenoiser inner, ClipGuidance guidance, int firstSlot) : IDenoiser
{
    private const string What = "The similarity of the encoder's vector and the target";

    /// <inheritdoc/>
    public bool TakesPrevious => inner.TakesPrevious;

    /// <inheritdoc/>
    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        var levels = step.Level;
        using var given = GuidanceSlots.Find(condition, firstSlot + 1, ClipGuidance.TargetInput, guidance.Encoder.Size);
        using var scales = GuidanceSlots.Column(condition, firstSlot, GradientGuidance.ScaleInput, guidance.Scale, x);
        if (given is null || (scales is null && guidance.Scale == 0))
            return inner.Denoise(x, step, condition);
        // Rows without a target: any vector, whose similarity counts nothing.
        using var isMissing = given.isnan();
        using var anyMissing = isMissing.any(1, true);
        using var one = ones_like(given);
        using var filled = where(anyMissing, one, given);
        using var targets = filled.to(x.dtype);
        using var flags = anyMissing.view(-1);
        using var isGiven = flags.logical_not();
        using var weights = isGiven.to(x.dtype);
        if (!guidance.OfEstimate)
        {
            using var gradient = GradientOf.Rows(x, levels, What, leaf => Similarity(leaf, levels, targets, weights));
            return guidance.Apply(inner.Denoise(x, step, condition), gradient, scales, step);
        }
        var (answer, through) = GradientOf.Through(inner, x, step, condition, What, x0 => Similarity(x0, NoiseLevel.Clean, targets, weights));
        using (through)
            return guidance.Apply(answer, through, scales, step);
    }

    private Tensor Similarity(Tensor x, NoiseLevels levels, Tensor targets, Tensor weights)
    {
        using var vectors = guidance.Encoder.Embed(x, levels);
        if (!vectors.shape.AsSpan().SequenceEqual(targets.shape))
            throw new InvalidOperationException($"The encoder answers with [{string.Join(", ", vectors.shape)}]; expected vectors [{string.Join(", ", targets.shape)}].");
        using var cast = vectors.to(targets.dtype);
        using var similarity = guidance.Similarity.Of(cast, targets);
        return similarity.mul(weights);
    }
}
