using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A denoiser under forward universal guidance (Bansal et al. 2023, arXiv:2302.07121, eq. 6).</summary>
internal sealed class ForwardGuidedDenoiser(IDenoiser inner, UniversalGuidance guidance, int firstSlot) : IDenoiser
{
    /// <inheritdoc/>
    public bool TakesPrevious => inner.TakesPrevious;

    /// <inheritdoc/>
    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(condition);
        using var weights = GuidanceSlots.Column(condition, firstSlot, UniversalGuidance.WeightInput, guidance.ForwardWeight, x);
        if ((weights is null && guidance.ForwardWeight == 0) || IsPureNoise(step.Level))
            return inner.Denoise(x, step, condition);
        var (answer, gradient) = Ask(x, step, condition);
        using (answer.X0)
        using (gradient)
        {
            // ε − w·σ·∇ₓ in terms of x̂0 = (x − σ·ε)/α.
            using var weighted = weights is null ? gradient.Times(guidance.ForwardWeight) : gradient.mul(weights);
            using var shift = KnownGuidanceShifts.Score.Of(weighted, step, null);
            return answer with { X0 = answer.X0.Plus(shift) };
        }
    }

    private (Denoised Answer, Tensor Gradient) Ask(Tensor x, in StepContext step, Conditioning condition)
    {
        Tensor Value(Tensor x0) => guidance.Objective.LogLikelihood(x0, condition, firstSlot + 1);
        if (!guidance.ForwardUnconditional)
            return GradientOf.Through(inner, x, step, condition, GuidanceObjective.Called, Value);
        using var missing = ConditionBranches.WithoutConditions(condition);
        using var plain = x.detach();
        var (unconditional, gradient) = GradientOf.Through(inner, plain, step, missing is null ? condition : new Conditioning(condition.Layout, missing), GuidanceObjective.Called, Value);
        unconditional.X0.Dispose();
        unconditional.LogVariance?.Dispose();
        try
        {
            return (inner.Denoise(x, step, condition), gradient);
        }
        catch
        {
            gradient.Dispose();
            throw;
        }
    }

    private static bool IsPureNoise(NoiseLevels levels)
    {
        for (int row = 0; row < levels.Count; row++)
            if (levels[row].Alpha > 0)
                return false;
        return true;
    }
}
