using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion;

/// <summary>Samplers.</summary>
public static class SamplerCatalog
{
    /// <summary>Samples from the denoiser of a column, guided or not.</summary>
    /// <remarks>
    /// Rows without a column of seeds are told apart by their number alone, so that each process gives the same first samples; fresh ones:
    /// <c>model.Transform(d.Data.Rows(8, seed: Random.Shared.NextInt64()))</c>. Sampling that nobody waits for ends by <see cref="SamplingOptions.CancellationToken"/> or
    /// <see cref="CancellationCatalog.CancelSamplingOn"/>.
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumn">The column with samples: vectors of the training data's shape, in its units.</param>
    /// <param name="options">Solver, number of steps, seeds and the like.</param>
    public static SamplerEstimator Sampler(this DiffusionTransformsCatalog catalog, string outputColumn = "Sample", SamplerEstimator.Options? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new SamplerEstimator(catalog.Environment, outputColumn, options);
    }
}
