using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A denoiser under backward universal guidance (Bansal et al. 2023, arXiv:2302.07121, eq. 7 to 9): its answer, moved towards what the objective wants.</summary>
internal sealed class BackwardGuidedDenoiser(IDenoiser inner, UniversalGuidance guidance, int firstSlot) : IDenoiser
{
    /// <inheritdoc/>
    public bool TakesPrevious => inner.TakesPrevious;

    /// <inheritdoc/>
    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        var answer = inner.Denoise(x, step, condition);
        using (answer.X0)
        {
            try
            {
                using var moved = Climb(answer.X0, step.Level, condition);
                // Δ is a constant to whoever takes gradients of the answer.
                using var start = answer.X0.detach();
                using var delta = moved.Minus(start);
                return answer with { X0 = answer.X0.requires_grad ? answer.X0.Plus(delta) : moved.alias() };
            }
            catch
            {
                answer.LogVariance?.Dispose();
                throw;
            }
        }
    }

    private Tensor Climb(Tensor x0, NoiseLevels levels, Conditioning condition)
    {
        using var off = no_grad();
        using var ascent = guidance.BackwardRule.Begin();
        var at = Limited(x0);
        try
        {
            for (int i = 0; i < guidance.BackwardSteps; i++)
            {
                using var before = at;
                at = Step(before, ascent, levels, condition);
            }
            return at;
        }
        catch
        {
            at.Dispose();
            throw;
        }
    }

    private Tensor Step(Tensor x0, IAscent ascent, NoiseLevels levels, Conditioning condition)
    {
        Tensor? free = null;
        using var gradient = GradientOf.Rows(x0, levels, GuidanceObjective.Called, leaf =>
        {
            var value = guidance.Objective.LogLikelihood(leaf, condition, firstSlot + 1);
            free = Below(value, x0);
            return value;
        });
        using (free)
        {
            using var step = ascent.Next(gradient);
            using var sized = step.Times(guidance.BackwardStepSize);
            using var kept = free is null ? sized.alias() : sized.mul(free);
            using var moved = x0.Plus(kept);
            return Limited(moved);
        }
    }

    // 1 in rows below the goal, 0 in those that have reached it; null where there is none.
    private Tensor? Below(Tensor value, Tensor like)
    {
        if (double.IsPositiveInfinity(guidance.BackwardGoal) || value.dim() != 1)
            return null;
        using var off = no_grad();
        using Scalar goal = guidance.BackwardGoal;
        using var reached = value.gt(goal);
        using var below = reached.logical_not();
        using var column = below.view(RowTensors.ColumnShape((int)like.size(0), like));
        return column.to(like.dtype, copy: true);
    }

    private Tensor Limited(Tensor x0) => guidance.BackwardLimit is { } limit ? x0.Limit(-limit, limit) : x0.clone();
}
