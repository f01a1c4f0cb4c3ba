using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion;

/// <summary>Loads training data and makes the rows to generate; had by <c>mlContext.Diffusion().Data</c>.</summary>
public sealed class DiffusionDataCatalog
{
    internal DiffusionDataCatalog(IHostEnvironment environment) => Environment = environment;

    internal IHostEnvironment Environment { get; }
}
