using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion;

/// <summary>Saves pictures; had by <c>mlContext.Diffusion().Images</c>.</summary>
public sealed class DiffusionImagesCatalog
{
    internal DiffusionImagesCatalog(IHostEnvironment environment) => Environment = environment;

    internal IHostEnvironment Environment { get; }
}
