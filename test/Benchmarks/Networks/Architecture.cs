namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>A network, what it is asked about, and in what batches.</summary>
internal sealed record Architecture(string Name, Network Network, DataShape Shape, ConditionLayout Layout, int Batch);
