using System.Collections.Immutable;

namespace Microsoft.ML.Diffusion;

/// <summary>One instruction of a plan: it fills a register that no other instruction fills.</summary>
/// <param name="Destination">The register that it fills.</param>
public abstract record PlanInstruction(Register Destination);

/// <summary>A register times a number.</summary>
/// <param name="Source">The register.</param>
/// <param name="Coefficient">The number; finite and not 0.</param>
public readonly record struct PlanTerm(Register Source, double Coefficient)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Coefficient:+0.######;-0.######} {Source}");
}

/// <summary>Fills a register with a linear combination of others: <c>destination = Σ coefficient·source</c>.</summary>
/// <param name="Destination">The register that it fills.</param>
/// <param name="Terms">The terms, each register once; none for zero.</param>
public sealed record Combine(Register Destination, ImmutableArray<PlanTerm> Terms) : PlanInstruction(Destination)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Destination} = {(Terms.IsEmpty ? "0" : string.Join(' ', Terms))}";
}

/// <summary>Asks the denoiser: <c>destination = D(source, level)</c>.</summary>
/// <param name="Destination">The register that it fills.</param>
/// <param name="Source">The register that is denoised.</param>
/// <param name="Level">The level at which the denoiser is asked; not always the state's own.</param>
/// <param name="Time">The time of the level in the schedule, where it is a time of the schedule.</param>
/// <param name="Target">The level to which the step goes.</param>
/// <param name="NoiseVariance">The variance of the noise that the step adds.</param>
public sealed record Evaluate(Register Destination, Register Source, NoiseLevel Level, double? Time, NoiseLevel? Target, double NoiseVariance)
    : PlanInstruction(Destination)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Destination} = D({Source}, {Level})";
}
