namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Where a run stands, tensors apart. Batches and their noise follow from the number of the step.</summary>
/// <param name="Step">The number of steps done.</param>
/// <param name="Elapsed">The time they took.</param>
/// <param name="LossSum">The sum of the smoothed loss.</param>
/// <param name="LossWeight">The weight of that sum.</param>
/// <param name="BestLoss">The smallest validation loss; null where none was measured.</param>
/// <param name="Waits">The number of validations since.</param>
internal readonly record struct RunPosition(long Step, TimeSpan Elapsed, double LossSum, double LossWeight, double? BestLoss, int Waits);
