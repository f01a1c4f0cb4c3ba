using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Universal guidance (Bansal et al. 2023, arXiv:2302.07121, Algorithm 1): samples follow any differentiable objective of clean data, which need not know noise. Forward guidance moves x̂0 along
/// the objective's gradient by x, through the denoiser: ε̂ = ε − w·σ·∇ₓ ln p(y | x̂0(x)) (eq. 6), which is x̂0 + w·σ²/α·∇ₓ ln p. Backward guidance then climbs from x̂0 by m gradient
/// steps of the objective alone: x̂0 + Δ (eq. 7 to 9). Self-recurrence takes each step of the sampler k times (eq. 10).
/// </summary>
/// <remarks>
/// Forward guidance costs a backward pass through the denoiser at each evaluation, backward guidance none; recurrence multiplies the evaluations by k. At pure noise (α = 0), which says nothing
/// about data, there is no forward guidance.
/// </remarks>
/// <param name="objective">What is wanted. Its networks stay the caller's.</param>
public sealed class UniversalGuidance(GuidanceObjective objective) : IGuidance
{
    /// <summary>The name of the input with each row's own weight of forward guidance.</summary>
    public const string WeightInput = "Weight";

    private const int MostBackwardSteps = 10_000;

    private readonly double _forwardWeight = 1;
    private readonly int _backwardSteps;
    private readonly double _backwardStepSize = 0.1;
    private readonly AscentRule _backwardRule = KnownAscentRules.Gradient;
    private readonly double? _backwardLimit;
    private readonly double _backwardGoal = double.PositiveInfinity;
    private readonly int _recurrence = 1;

    /// <summary>What is wanted.</summary>
    public GuidanceObjective Objective { get; } = objective ?? throw new ArgumentNullException(nameof(objective));

    /// <summary>w, the weight of forward guidance; finite, not negative. 1, which takes the objective for a likelihood, unless set; 0 for none. Rows may give their own.</summary>
    public double ForwardWeight
    {
        get => _forwardWeight;
        init => _forwardWeight = value >= 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(ForwardWeight), value, "The weight of forward guidance must be finite and not negative.");
    }

    /// <summary>
    /// Whether forward guidance goes through the model without its conditions, as the authors' sample_seperate does beside classifier-free guidance; it costs one more evaluation. False unless set.
    /// </summary>
    public bool ForwardUnconditional { get; init; }

    /// <summary>m, the number of steps of backward guidance; in 0 … 10,000. 0, none, unless set.</summary>
    public int BackwardSteps
    {
        get => _backwardSteps;
        init => _backwardSteps = value is >= 0 and <= MostBackwardSteps
            ? value
            : throw new ArgumentOutOfRangeException(nameof(BackwardSteps), value, $"The number of steps of backward guidance must not be negative, and at most {MostBackwardSteps}.");
    }

    /// <summary>The size of a step of backward guidance; positive, finite. 0.1 unless set.</summary>
    public double BackwardStepSize
    {
        get => _backwardStepSize;
        init => _backwardStepSize = value > 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(BackwardStepSize), value, "The step size of backward guidance must be positive and finite.");
    }

    /// <summary>What a step of backward guidance does with the gradient. Along it, as published, unless set.</summary>
    public AscentRule BackwardRule
    {
        get => _backwardRule;
        init => _backwardRule = value ?? throw new ArgumentNullException(nameof(BackwardRule));
    }

    /// <summary>Backward guidance keeps x̂0 in [−limit, limit]; positive. Null, no limit, unless set.</summary>
    public double? BackwardLimit
    {
        get => _backwardLimit;
        init => _backwardLimit = value is null or (> 0 and < double.PositiveInfinity) ? value : throw new ArgumentOutOfRangeException(nameof(BackwardLimit), value, "The limit of backward guidance must be positive and finite, or null for none.");
    }

    /// <summary>Backward guidance leaves a row alone whose objective is above this. Infinite, never, unless set.</summary>
    public double BackwardGoal
    {
        get => _backwardGoal;
        init => _backwardGoal = !double.IsNaN(value) ? value : throw new ArgumentOutOfRangeException(nameof(BackwardGoal), value, "The goal of backward guidance must be a number.");
    }

    /// <summary>k, how often each step of the sampler is taken; in 1 … 1,000. 1 unless set.</summary>
    public int Recurrence
    {
        get => _recurrence;
        init => _recurrence = RecurrentSolver.CheckCount(value, nameof(Recurrence));
    }

    /// <inheritdoc/>
    [JsonIgnore]
    public IEnumerable<TrainedNetwork> Networks => Objective.Networks;

    IEnumerable<TorchScriptFunction> IGuidance.Scripts => Objective.Scripts;

    /// <inheritdoc/>
    public IReadOnlyList<GuidanceInput> InputsFor(DataShape shape, ConditionLayout conditions)
    {
        Objective.Check(shape);
        var targets = Objective.TargetsFor(shape);
        if (targets.Any(target => target.Name == WeightInput))
            throw new ArgumentException($"A target of the objective is called '{WeightInput}', as the guidance's own weight is: give it another name.", nameof(shape));
        return [new GuidanceInput(WeightInput, 1), .. targets];
    }

    /// <inheritdoc/>
    public IEnumerable<IReadOnlyList<string>> LeftOut(IReadOnlyList<string> conditions) => ForwardUnconditional && conditions.Count > 0 ? [conditions] : [];

    /// <inheritdoc/>
    public IDenoiser Guide(IDenoiser denoiser, int firstSlot = 0)
    {
        ArgumentNullException.ThrowIfNull(denoiser);
        ArgumentOutOfRangeException.ThrowIfNegative(firstSlot);
        var forward = new ForwardGuidedDenoiser(denoiser, this, firstSlot);
        return BackwardSteps == 0 ? forward : new BackwardGuidedDenoiser(forward, this, firstSlot);
    }
}
