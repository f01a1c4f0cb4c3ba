namespace Microsoft.ML.Diffusion;

/// <summary>A register times a number.</summary>
/// <param name="Source">The register.</param>
/// <param name="Coefficient">The number; finite and not 0.</param>
public readonly record struct PlanTerm(Register Source, double Coefficient)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Coefficient:+0.######;-0.######} {Source}");
}
