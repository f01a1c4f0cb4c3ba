namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A row to generate under a condition.</summary>
/// <param name="Condition">The value of the condition column.</param>
/// <param name="Seed">Its seed.</param>
/// <typeparam name="T">The type of the condition.</typeparam>
internal sealed record ConditionRow<T>(T Condition, long Seed);
