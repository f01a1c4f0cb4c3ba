namespace Microsoft.ML.Diffusion;

/// <summary>
/// Scales each row by a ratio of norms, <c>destination = (‖numerator‖/‖denominator‖)^power · source</c>: the step of a Langevin corrector, which is
/// as long as the noise is and as short as the score is large.
/// </summary>
/// <param name="Destination">The register that it fills.</param>
/// <param name="Source">What is scaled.</param>
/// <param name="Numerator">The register whose norm multiplies.</param>
/// <param name="Denominator">The register whose norm divides.</param>
/// <param name="Power">The power of the ratio; 1 or 2.</param>
/// <param name="OverBatch">Whether norms are means over the batch, instead of each row's own.</param>
public sealed record ScaleByNorms(Register Destination, Register Source, Register Numerator, Register Denominator, int Power, bool OverBatch)
    : PlanInstruction(Destination)
{
    internal override int SourceCount => 3;

    internal override Register SourceAt(int index) => index switch
    {
        0 => Source,
        1 => Numerator,
        _ => Denominator,
    };

    /// <inheritdoc/>
    public override string ToString()
        => $"{Destination} = ({(OverBatch ? "mean " : "")}‖{Numerator}‖/{(OverBatch ? "mean " : "")}‖{Denominator}‖){(Power == 1 ? "" : "²")} {Source}";
}
