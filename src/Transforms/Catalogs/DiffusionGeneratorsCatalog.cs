using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion;

/// <summary>Serves trained generators.</summary>
public sealed class DiffusionGeneratorsCatalog
{
    internal DiffusionGeneratorsCatalog(IHostEnvironment environment) => Environment = environment;

    internal IHostEnvironment Environment { get; }
}
