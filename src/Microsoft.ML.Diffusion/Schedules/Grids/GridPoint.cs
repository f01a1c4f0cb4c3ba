namespace Microsoft.ML.Diffusion;

/// <summary>A point of a sampling run, on the grid or between its points.</summary>
/// <param name="Level">The noise level.</param>
/// <param name="Time">The time of the level in the grid's schedule; null where it is not a time of the schedule.</param>
/// <param name="Told">The time that the network is told there; that of the level where null.</param>
internal readonly record struct GridPoint(NoiseLevel Level, double? Time, double? Told = null);
