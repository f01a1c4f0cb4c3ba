namespace Microsoft.ML.Diffusion;

/// <summary>
/// Classifier-free guidance (Ho and Salimans 2022, arXiv:2207.12598, eq. 6), written for x̂0: unconditional + scale·(conditional −
/// unconditional). It needs a model that was trained with condition dropout.
/// </summary>
/// <remarks>
/// Conditions with scales of their own (<see cref="Conditions"/>) join one after the other (Brooks et al. 2023, arXiv:2211.09800, eq. 3): x̂0 = D(∅) + s₁·(D(c₁) − D(∅)) + s₂·(D(c₁, c₂) − D(c₁)) …,
/// where c₁ are all that have none. All versions go through the denoiser in one batch, so that a call costs as many rows. With every scale 1 the answer is that of the model, to the bit.
/// </remarks>
/// <param name="scale">0: conditions are ignored; 1: the model as it is; larger: conditions weigh more. Finite. Rows may give their own.</param>
public sealed class ClassifierFreeGuidance(double scale) : IGuidance
{
    /// <summary>The name of the input with each row's own scale.</summary>
    public const string ScaleInput = "Scale";

    /// <summary>0: conditions are ignored; 1: the model as it is; larger: conditions weigh more.</summary>
    public double Scale { get; } = GuidanceScale.Check(scale);

    /// <summary>Conditions with scales of their own, in the order in which they join. None unless set.</summary>
    public IReadOnlyList<ConditionScale> Conditions { get; init; } = [];

    /// <summary>
    /// The names of conditions for which rows give negatives: values to go away from, which stand where the condition would be missing (negative prompts). None unless set.
    /// </summary>
    public IReadOnlyList<string> Negatives { get; init; } = [];

    /// <summary>
    /// φ in [0, 1]: how much of the conditional answer's standard deviation each row gets back, against overexposure by large scales (Lin et al. 2023, arXiv:2305.08891, eq. 15 and 16, here of
    /// x̂0). 0 unless set; the paper has 0.7.
    /// </summary>
    public double Rescale
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "The rescale factor must be in [0, 1].");
    }

    /// <summary>
    /// The quantile of dynamic thresholding, in (0, 1], to which guided rows are limited (Saharia et al. 2022, arXiv:2205.11487, section 2.3; see <see cref="ThresholdedDenoiser.Dynamic"/>). For
    /// data in [−1, 1]; the paper has 0.995. None unless set.
    /// </summary>
    public double? Threshold
    {
        get;
        init => field = value is { } quantile ? ThresholdedDenoiser.CheckQuantile(quantile) : null;
    }

    /// <summary>The name of the input with each row's own scale of a condition.</summary>
    /// <param name="condition">The name of the condition, one of <see cref="Conditions"/>.</param>
    public static string ScaleInputOf(string condition) => $"Scale of {condition}";

    /// <summary>The name of the input with each row's negative of a condition.</summary>
    /// <param name="condition">The name of the condition, one of <see cref="Negatives"/>.</param>
    public static string NegativeInputOf(string condition) => $"Negative {condition}";

    /// <inheritdoc/>
    public IReadOnlyList<GuidanceInput> InputsFor(DataShape shape, ConditionLayout conditions)
    {
        const string Name = "Classifier-free guidance";
        ArgumentNullException.ThrowIfNull(shape);
        ConditionBranches.RequireConditions(conditions, Name);
        foreach (string name in Conditions.Select(own => own.Condition).Concat(Negatives))
            _ = ConditionBranches.SlotOf(conditions, name, Name);
        if (Conditions.Select(own => own.Condition).Distinct().Count() < Conditions.Count || Negatives.Distinct().Count() < Negatives.Count)
            throw new ArgumentException("Classifier-free guidance names a condition twice.", nameof(conditions));
        if (Rescale > 0 && shape.Size == 1)
            throw new ArgumentException("Classifier-free guidance can not rescale samples of one value: they have no standard deviation.", nameof(shape));
        return
        [
            new GuidanceInput(ScaleInput, 1),
            .. Conditions.Select(own => new GuidanceInput(ScaleInputOf(own.Condition), 1)),
            .. Negatives.Select(name => GuidanceInput.Like(NegativeInputOf(name), conditions.Slots[ConditionBranches.SlotOf(conditions, name, Name)])),
        ];
    }

    /// <inheritdoc/>
    public IEnumerable<IReadOnlyList<string>> LeftOut(IReadOnlyList<string> conditions)
    {
        // At first none has joined, then all without a scale of their own, then one by one.
        string[] own = [.. Conditions.Select(condition => condition.Condition)];
        string[] common = [.. conditions.Except(own)];
        yield return conditions;
        for (int joined = common.Length > 0 ? 0 : 1; joined < own.Length; joined++)
            yield return own[joined..];
    }

    /// <inheritdoc/>
    public IDenoiser Guide(IDenoiser denoiser, int firstSlot = 0)
    {
        ArgumentNullException.ThrowIfNull(denoiser);
        ArgumentOutOfRangeException.ThrowIfNegative(firstSlot);
        return new ClassifierFreeDenoiser(denoiser, this, firstSlot);
    }
}
