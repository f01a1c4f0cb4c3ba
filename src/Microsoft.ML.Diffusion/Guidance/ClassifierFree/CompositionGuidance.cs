namespace Microsoft.ML.Diffusion;

/// <summary>
/// Composition of conditions (Liu et al. 2022, arXiv:2206.01714, eq. 11 and 12): samples that meet several values at once, or that avoid some: x̂0 = D(∅) + w₀·(D(c) − D(∅)) + Σ wᵢ·(D(cᵢ) −
/// D(∅)), where c are the row's own conditions and cᵢ the terms', with negative weights for negation. It is the score of the product p(x)·Π (p(x | cᵢ)/p(x))^wᵢ at a noise level. It needs a model
/// that was trained with condition dropout.
/// </summary>
/// <remarks>
/// All terms go through the denoiser in one batch, so that a call costs as many rows. Products of noised densities are not noised products: what ancestral sampling makes of them is near, and
/// <see cref="AnnealedMcmcSampler"/> with <see cref="KnownKernels.Mala"/>, which asks this denoiser's energy, corrects it (Du et al. 2023, arXiv:2302.11552). A row that gives no value for a term
/// goes without it.
/// </remarks>
/// <param name="terms">The terms beside the row's own conditions; at least one.</param>
/// <param name="weight">w₀, how much the row's own conditions count. Finite; rows may give their own. 1 unless given.</param>
public sealed class CompositionGuidance(IReadOnlyList<ConditionTerm> terms, double weight = 1) : IGuidance
{
    /// <summary>The name of the input with each row's weight of its own conditions.</summary>
    public const string WeightInput = "Weight";

    private const string What = "A composition of conditions";

    /// <summary>The terms beside the row's own conditions.</summary>
    public IReadOnlyList<ConditionTerm> Terms { get; } = terms is { Count: > 0 } && terms.Select(term => term.Name).Distinct().Count() == terms.Count
        ? [.. terms]
        : throw new ArgumentException("A composition has at least one term, each with a name of its own.", nameof(terms));

    /// <summary>How much the row's own conditions count.</summary>
    public double Weight { get; } = GuidanceScale.Check(weight, "The weight");

    /// <inheritdoc/>
    public IReadOnlyList<GuidanceInput> InputsFor(DataShape shape, ConditionLayout conditions)
    {
        ConditionBranches.RequireConditions(conditions, What);
        return
        [
            new GuidanceInput(WeightInput, 1),
            .. Terms.SelectMany(term => term.Conditions
                .Select(name => GuidanceInput.Like(ConditionTerm.ValueInputOf(term.Name, name), conditions.Slots[ConditionBranches.SlotOf(conditions, name, What)]))
                .Prepend(new GuidanceInput(ConditionTerm.WeightInputOf(term.Name), 1))),
        ];
    }

    /// <inheritdoc/>
    public IEnumerable<IReadOnlyList<string>> LeftOut(IReadOnlyList<string> conditions)
        => Terms.Select(term => (IReadOnlyList<string>)[.. conditions.Except(term.Conditions)]).Prepend(conditions);

    /// <inheritdoc/>
    public IDenoiser Guide(IDenoiser denoiser, int firstSlot = 0)
    {
        ArgumentNullException.ThrowIfNull(denoiser);
        ArgumentOutOfRangeException.ThrowIfNegative(firstSlot);
        return new ComposedDenoiser(denoiser, this, firstSlot);
    }
}
