using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion;

/// <summary>Everything of Microsoft.ML.Diffusion, by what it makes; had by <c>mlContext.Diffusion()</c>.</summary>
/// <remarks>Each assembly of the library adds its own as extension methods.</remarks>
public sealed class DiffusionCatalog
{
    internal DiffusionCatalog(IHostEnvironment environment)
    {
        Environment = environment;
        Transforms = new DiffusionTransformsCatalog(environment);
        Trainers = new DiffusionTrainersCatalog(environment);
        Data = new DiffusionDataCatalog(environment);
        Images = new DiffusionImagesCatalog(environment);
        Generators = new DiffusionGeneratorsCatalog(environment);
    }

    internal IHostEnvironment Environment { get; }

    /// <summary>Estimators that learn little or nothing: noise schedules, guidance, samplers.</summary>
    public DiffusionTransformsCatalog Transforms { get; }

    /// <summary>Estimators that train networks; those of the package Microsoft.ML.Diffusion.Trainers.</summary>
    public DiffusionTrainersCatalog Trainers { get; }

    /// <summary>Loads training data and makes the rows to generate.</summary>
    public DiffusionDataCatalog Data { get; }

    /// <summary>Saves pictures.</summary>
    public DiffusionImagesCatalog Images { get; }

    /// <summary>Serves trained generators.</summary>
    public DiffusionGeneratorsCatalog Generators { get; }
}
