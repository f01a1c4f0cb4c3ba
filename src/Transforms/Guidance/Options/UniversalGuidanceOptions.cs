using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>How universal guidance follows its objective (Bansal et al. 2023, arXiv:2302.07121, Algorithm 1). What each costs is in docs/universal-guidance.md.</summary>
public sealed class UniversalGuidanceOptions : GuidanceOptions
{
    /// <summary>w, the weight of forward guidance, through the denoiser; finite, not negative. 1, which takes the objective for a likelihood, unless set; 0 for none.</summary>
    [Range(0.1, 10, 1, logBase: true)]
    public double ForwardWeight { get; set; } = 1;

    /// <summary>A column of Single with each row's own weight of forward guidance; <see cref="ForwardWeight"/> where it is NaN, or not in the data. None unless set.</summary>
    public string? WeightColumn { get; set; }

    /// <summary>Whether forward guidance goes through the model without its conditions; it costs one more evaluation. False unless set.</summary>
    public bool ForwardUnconditional { get; set; }

    /// <summary>m, the number of steps of backward guidance, which costs no evaluation; not negative. 0, none, unless set.</summary>
    public int BackwardSteps { get; set; }

    /// <summary>The size of a step of backward guidance; positive, finite. 0.1 unless set.</summary>
    public double BackwardStepSize { get; set; } = 0.1;

    /// <summary>What a step of backward guidance does with the gradient; one of <see cref="KnownAscentRules"/>. Along it, as published, unless set; the authors run Adam.</summary>
    public AscentRule BackwardRule { get; set; } = KnownAscentRules.Gradient;

    /// <summary>Backward guidance keeps estimates in [−limit, limit] in model space, where pixels lie in [−1, 1]; positive. No limit unless set.</summary>
    public double? BackwardLimit { get; set; }

    /// <summary>Backward guidance leaves a row alone whose objective is above this. Infinite, never, unless set.</summary>
    public double BackwardGoal { get; set; } = double.PositiveInfinity;

    /// <summary>k, how often each step of the sampler is taken, which costs k times the evaluations; at least 1. 1 unless set. The sampler must be a solver of single steps.</summary>
    public int Recurrence { get; set; } = 1;

    /// <summary>The guidance.</summary>
    /// <exception cref="ArgumentException">An option is out of range; names it and its value.</exception>
    internal UniversalGuidance For(GuidanceObjective objective) => new(objective)
    {
        ForwardWeight = ForwardWeight,
        ForwardUnconditional = ForwardUnconditional,
        BackwardSteps = BackwardSteps,
        BackwardStepSize = BackwardStepSize,
        BackwardRule = BackwardRule,
        BackwardLimit = BackwardLimit,
        BackwardGoal = BackwardGoal,
        Recurrence = Recurrence,
    };
}
