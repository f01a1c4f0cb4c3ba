namespace Microsoft.ML.Diffusion;

/// <summary>Keeps an estimate within its limit: <c>destination = limit(source)</c>.</summary>
/// <param name="Destination">The register that it fills.</param>
/// <param name="Source">The estimate x̂0.</param>
/// <param name="Limit">The limit.</param>
public sealed record Restrict(Register Destination, Register Source, EstimateLimit Limit) : PlanInstruction(Destination)
{
    internal override int SourceCount => 1;

    internal override Register SourceAt(int index) => Source;

    /// <inheritdoc/>
    public override string ToString() => $"{Destination} = limit({Source}, {Limit})";
}
