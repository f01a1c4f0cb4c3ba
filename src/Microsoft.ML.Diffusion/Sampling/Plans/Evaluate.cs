namespace Microsoft.ML.Diffusion;

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
    /// <summary>The register of the deviation that the same answer may bring.</summary>
    public Register Deviation => new(RegisterKind.Deviation, Destination.Index);

    /// <summary>The time, in the schedule of its training, that the network is told; that of the level where null.</summary>
    internal double? Told { get; init; }

    internal override int SourceCount => 1;

    internal override Register SourceAt(int index) => Source;

    /// <inheritdoc/>
    public override string ToString() => $"{Destination} = D({Source}, {Level})";
}
