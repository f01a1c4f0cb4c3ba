namespace Microsoft.ML.Diffusion;

/// <summary>
/// Classifier-free guidance (Ho and Salimans 2022, arXiv:2207.12598, eq. 6), written for x̂0: unconditional + scale·(conditional −
/// unconditional). It needs a model that was trained with condition dropout.
/// </summary>
/// <param name="scale">0: conditions are ignored; 1: the model as it is; larger: conditions weigh more. Finite.</param>
/// <param name="scaleSlot">
/// The slot of the condition layout, <c>GuidanceInput("Scale", 1)</c>, with each row's own scale, NaN for <paramref name="scale"/>;
/// null where all rows have the same.
/// </param>
public sealed class ClassifierFreeGuidance(double scale, int? scaleSlot = null) : IGuidance
{
    /// <summary>0: conditions are ignored; 1: the model as it is; larger: conditions weigh more.</summary>
    public double Scale { get; } = double.IsFinite(scale)
        ? scale
        : throw new ArgumentOutOfRangeException(nameof(scale), scale, "The guidance scale must be finite.");

    /// <summary>The slot of the condition layout with each row's own scale; null where all rows have the same.</summary>
    public int? ScaleSlot { get; } = scaleSlot is not < 0
        ? scaleSlot
        : throw new ArgumentOutOfRangeException(nameof(scaleSlot), scaleSlot, "The slot must not be negative.");

    /// <inheritdoc/>
    public IDenoiser Guide(IDenoiser denoiser)
    {
        ArgumentNullException.ThrowIfNull(denoiser);
        return Scale == 1 && ScaleSlot is null ? denoiser : new ClassifierFreeDenoiser(denoiser, Scale, ScaleSlot);
    }
}
