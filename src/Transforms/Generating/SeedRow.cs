namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A row to generate.</summary>
/// <param name="Seed">Its seed.</param>
internal sealed record SeedRow(long Seed);
