using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion;

/// <summary>Estimators that learn little or nothing; had by <c>mlContext.Diffusion().Transforms</c>.</summary>
public sealed class DiffusionTransformsCatalog
{
    internal DiffusionTransformsCatalog(IHostEnvironment environment) => Environment = environment;

    internal IHostEnvironment Environment { get; }
}
