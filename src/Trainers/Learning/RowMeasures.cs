namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>What validation measures of the rows of a batch.</summary>
/// <param name="Losses">The loss of each row.</param>
/// <param name="Scores">By name, what else each row scores: 1 where it was recognised, 0 where not.</param>
internal readonly record struct RowMeasures(float[] Losses, IReadOnlyList<(string Name, float[] Values)> Scores);
