using System.Collections.Immutable;

namespace Microsoft.ML.Diffusion;

/// <summary>Fills a register with a linear combination of others: <c>destination = Σ coefficient·source</c>.</summary>
/// <param name="Destination">The register that it fills.</param>
/// <param name="Terms">The terms, each register once; none for zero.</param>
public sealed record Combine(Register Destination, ImmutableArray<PlanTerm> Terms) : PlanInstruction(Destination)
{
    internal override int SourceCount => Terms.Length;

    internal override Register SourceAt(int index) => Terms[index].Source;

    /// <inheritdoc/>
    public override string ToString() => $"{Destination} = {(Terms.IsEmpty ? "0" : string.Join(' ', Terms))}";
}
