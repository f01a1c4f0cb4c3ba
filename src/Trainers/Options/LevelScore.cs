namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>The mean score at noise levels close to each other.</summary>
/// <param name="Ratio">The noise ratio σ/α in their middle; positive and finite.</param>
/// <param name="Value">The share of rows that were recognised, in [0, 1].</param>
/// <param name="Rows">The number of rows that it is the mean of.</param>
public readonly record struct LevelScore(double Ratio, double Value, int Rows);
