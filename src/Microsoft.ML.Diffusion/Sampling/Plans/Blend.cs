namespace Microsoft.ML.Diffusion;

/// <summary>Puts two states together under a mask, <c>destination = mask ⊙ inside + (1 − mask) ⊙ outside</c>; exact where the mask is 0 or 1.</summary>
/// <param name="Destination">The register that it fills.</param>
/// <param name="Mask">The mask, in [0, 1].</param>
/// <param name="Inside">What holds where the mask is 1.</param>
/// <param name="Outside">What holds where the mask is 0.</param>
public sealed record Blend(Register Destination, Register Mask, Register Inside, Register Outside) : PlanInstruction(Destination)
{
    internal override int SourceCount => 3;

    internal override Register SourceAt(int index) => index switch
    {
        0 => Mask,
        1 => Inside,
        _ => Outside,
    };

    /// <inheritdoc/>
    public override string ToString() => $"{Destination} = {Mask} ⊙ {Inside} + (1 − {Mask}) ⊙ {Outside}";
}
