namespace Microsoft.ML.Diffusion;

/// <summary>Multiplies place by place, <c>destination = factor ⊙ source</c>: noise with a deviation that the network learned.</summary>
/// <param name="Destination">The register that it fills.</param>
/// <param name="Factor">A register.</param>
/// <param name="Source">A register.</param>
public sealed record Multiply(Register Destination, Register Factor, Register Source) : PlanInstruction(Destination)
{
    internal override int SourceCount => 2;

    internal override Register SourceAt(int index) => index == 0 ? Factor : Source;

    /// <inheritdoc/>
    public override string ToString() => $"{Destination} = {Factor} ⊙ {Source}";
}
