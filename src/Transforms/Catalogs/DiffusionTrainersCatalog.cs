using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion;

/// <summary>Estimators that train networks; had by <c>mlContext.Diffusion().Trainers</c>.</summary>
public sealed class DiffusionTrainersCatalog
{
    internal DiffusionTrainersCatalog(IHostEnvironment environment) => Environment = environment;

    internal IHostEnvironment Environment { get; }
}
