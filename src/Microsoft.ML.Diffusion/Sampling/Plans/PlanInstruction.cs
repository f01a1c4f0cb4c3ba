namespace Microsoft.ML.Diffusion;

/// <summary>One instruction of a plan: it fills a register that no other instruction fills.</summary>
/// <param name="Destination">The register that it fills.</param>
public abstract record PlanInstruction(Register Destination)
{
    /// <summary>The number of registers that it reads.</summary>
    internal abstract int SourceCount { get; }

    /// <summary>A register that it reads.</summary>
    /// <param name="index">Below <see cref="SourceCount"/>.</param>
    internal abstract Register SourceAt(int index);
}
