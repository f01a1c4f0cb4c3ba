namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>What became of a case of the matrix of schedulers.</summary>
/// <param name="Result">The kind.</param>
/// <param name="Why">What was refused, or what differs; empty where all is equal.</param>
public sealed record SchedulerOutcome(SchedulerResult Result, string Why);
