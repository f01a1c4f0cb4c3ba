using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A denoiser under classifier-free guidance. Both branches go through the inner denoiser in one batch.</summary>
internal sealed class ClassifierFreeDenoiser(IDenoiser inner, ClassifierFreeGuidance guidance, int firstSlot) : IDenoiser
{
    /// <inheritdoc/>
    public bool TakesPrevious => inner.TakesPrevious;

    /// <inheritdoc/>
    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        int width = NetworkSlots.WidthOf(condition.Layout);
        if (width == 0)
            throw new ArgumentException("Classifier-free guidance needs a conditional model, but there are no conditions.", nameof(condition));
        using var scales = GuidanceSlots.Column(condition, firstSlot, ClassifierFreeGuidance.ScaleInput, guidance.Scale, x);
        if (scales is null && guidance.Scale == 1)
            return inner.Denoise(x, step, condition);
        using var missing = Missing(condition, width);
        if (scales is null && guidance.Scale == 0)
            return inner.Denoise(x, step, new Conditioning(condition.Layout, missing));

        long rows = x.size(0);
        using var both = cat([x, x]);
        using var packed = cat([condition.Packed, missing]);
        using var previous = step.Previous is { } estimate ? cat([estimate, estimate]) : null;
        var answer = inner.Denoise(both, step with { Level = Twice(step.Level), Previous = previous }, new Conditioning(condition.Layout, packed));
        using var answers = answer.X0;
        using var logVariances = answer.LogVariance;
        using var conditional = answers.narrow(0, 0, rows);
        using var unconditional = answers.narrow(0, rows, rows);
        using var variance = logVariances?.narrow(0, 0, rows);
        return new Denoised(Combine(conditional, unconditional, scales), variance?.clone());
    }

    private static NoiseLevels Twice(NoiseLevels levels)
    {
        if (levels.Count == 1)
            return levels;
        var rows = Enumerable.Range(0, levels.Count).Select(row => levels[row]).ToArray();
        bool timed = levels.TimeAt(0) is not null;
        var times = timed ? Enumerable.Range(0, levels.Count).Select(row => levels.TimeAt(row)!.Value).ToArray() : [];
        return new NoiseLevels([.. rows, .. rows], [.. times, .. times]);
    }

    // The same rows with every condition of the network missing; inputs of guidances stay.
    private static Tensor Missing(Conditioning condition, int width)
    {
        var row = new float[condition.Layout.Width];
        condition.Layout.WriteMissing(row);
        using var noGrad = no_grad();
        using var values = tensor(row.AsSpan(0, width).ToArray(), device: condition.Packed.device);
        var result = condition.Packed.clone();
        using var network = result.narrow(1, 0, width);
        network.copy_(values);
        return result;
    }

    private Tensor Combine(Tensor conditional, Tensor unconditional, Tensor? scales)
    {
        using var difference = conditional.Minus(unconditional);
        if (scales is null)
        {
            using var uniform = difference.Times(guidance.Scale);
            return unconditional.Plus(uniform);
        }
        using var scaled = difference.mul(scales);
        using var guided = unconditional.Plus(scaled);
        // A row of scale 1 is exactly the plain answer, whatever the rounding of the sum.
        using var plain = scales.IsOne();
        return where(plain, conditional, guided);
    }
}
