namespace Microsoft.ML.Diffusion;

/// <summary>A link of a forward chain, from a level to the next noisier one.</summary>
/// <param name="Step">The step of the chain.</param>
/// <param name="Cleaner">The level where the link begins.</param>
/// <param name="Noisier">The level where it ends.</param>
/// <param name="Duration">dt: how much of the schedule's time passes.</param>
public readonly record struct ForwardLink(SdeStep Step, NoiseLevel Cleaner, NoiseLevel Noisier, double Duration);
