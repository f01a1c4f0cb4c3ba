namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The mean loss at noise levels close to each other.</summary>
/// <param name="Ratio">The noise ratio σ/α in their middle; positive and finite.</param>
/// <param name="Loss">The mean loss; a value that is not finite is left out of a plot.</param>
/// <param name="Rows">The number of rows that it is the mean of.</param>
public readonly record struct LevelLoss(double Ratio, double Loss, int Rows);
