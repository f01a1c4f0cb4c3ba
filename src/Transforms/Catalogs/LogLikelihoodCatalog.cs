using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion;

/// <summary>Densities.</summary>
public static class LogLikelihoodCatalog
{
    /// <summary>
    /// Computes how likely a trained denoiser, guided or not, finds data: its log-density in nats, in the units of the data (with the codec's |det| accounted for), by the
    /// probability-flow ODE. Exact up to tolerances where rows are short, else unbiased estimates of each row's own random probes.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumn">The column that is added: a Single.</param>
    /// <param name="dataColumn">The data, of the shape and in the units of training.</param>
    /// <param name="options">Tolerances, trace, bits per dimension, discrete data, seeds.</param>
    /// <remarks>The density is that of data with the noise of the schedule's smallest level, which is small. Conditions count: ln p(x | condition).</remarks>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static LogLikelihoodEstimator LogLikelihood(
        this DiffusionTransformsCatalog catalog, string outputColumn, string dataColumn, LogLikelihoodEstimator.Options? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new LogLikelihoodEstimator(catalog.Environment, outputColumn, dataColumn, options);
    }
}
