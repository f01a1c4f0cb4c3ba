namespace Quickstart;

/// <summary>A row to generate: a picture of a class. The seed makes it this picture and no other.</summary>
internal sealed record Query(string Label, uint Seed, float Guidance);
