namespace Microsoft.ML.Diffusion;

/// <summary>
/// Classifier-free guidance (Ho and Salimans 2022, arXiv:2207.12598, eq. 6), written for x̂0: unconditional + scale·(conditional −
/// unconditional). It needs a model that was trained with condition dropout.
/// </summary>
/// <param name="scale">0: conditions are ignored; 1: the model as it is; larger: conditions weigh more. Finite. Rows may give their own.</param>
public sealed class ClassifierFreeGuidance(double scale) : IGuidance
{
    /// <summary>The name of the input with each row's own scale.</summary>
    public const string ScaleInput = "Scale";

    /// <summary>0: conditions are ignored; 1: the model as it is; larger: conditions weigh more.</summary>
    public double Scale { get; } = double.IsFinite(scale)
        ? scale
        : throw new ArgumentOutOfRangeException(nameof(scale), scale, "The guidance scale must be finite.");

    /// <inheritdoc/>
    public IReadOnlyList<GuidanceInput> InputsFor(DataShape shape, ConditionLayout conditions)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        if (!conditions.Slots.Any(slot => slot.ComesFromData))
            throw new ArgumentException("Classifier-free guidance needs a conditional model, but this one was trained without conditions.", nameof(conditions));
        return [new GuidanceInput(ScaleInput, 1)];
    }

    /// <inheritdoc/>
    public IDenoiser Guide(IDenoiser denoiser, int firstSlot = 0)
    {
        ArgumentNullException.ThrowIfNull(denoiser);
        ArgumentOutOfRangeException.ThrowIfNegative(firstSlot);
        return new ClassifierFreeDenoiser(denoiser, this, firstSlot);
    }
}
