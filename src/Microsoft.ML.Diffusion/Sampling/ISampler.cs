using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>A way of sampling: walks from noise to data, asking only the denoiser. Most are solvers, whose run is a plan (<see cref="ISolver"/>).</summary>
/// <remarks>
/// Immutable and thread safe. A new one is one class and one line in the list of kinds, under which it is stored in model files: here, or at
/// <see cref="ISolver"/>, whose kinds are also kinds of this.
/// </remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(AnnealedMcmcSampler), "annealed-mcmc")]
[JsonDerivedType(typeof(AdaptiveOdeSampler), "adaptive-ode")]
[JsonDerivedType(typeof(DpmAdaptiveSampler), "dpm-adaptive")]
[AlsoKinds(typeof(ISolver))]
public interface ISampler
{
    /// <summary>
    /// Whether a sample depends on the rows beside it, as in some reference implementations: the pipeline, where batches are filled up and rows come in any order,
    /// refuses such samplers. False unless a sampler says otherwise.
    /// </summary>
    bool MixesRows => false;

    /// <summary>Works out all that depends on the grid alone.</summary>
    /// <param name="grid">The times and levels to visit.</param>
    /// <exception cref="ArgumentException">The sampler can not use the grid; says why.</exception>
    ISamplingProgram Prepare(TimeGrid grid);

    /// <summary>This sampler with each step taken several times, as guidance may want it (<see cref="IGuidance.Recurrence"/>).</summary>
    /// <param name="count">k, at least 1; with 1 the sampler itself.</param>
    /// <exception cref="ArgumentException">The sampler has no steps of its own accord; names it.</exception>
    ISampler WithRecurrence(int count) => count == 1
        ? this
        : throw new ArgumentException($"{GetType().Name} has no plan of steps that self-recurrence could take {count} times: choose a solver of single steps, such as KnownSolvers.Ddim or KnownSolvers.Heun, or a guidance without recurrence.", nameof(count));
}
