using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion;

/// <summary>Guidance.</summary>
public static class GuidanceCatalog
{
    /// <summary>Any guidance. Those of the library have methods of their own here.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="guidance">The guidance. Its networks stay the caller's; each fitted transformer holds shares of its own.</param>
    /// <param name="columns">The columns that give the guidance's inputs; an input without one has the guidance's default in every row.</param>
    /// <param name="denoiserColumn">The column that carries the denoiser.</param>
    public static GuidanceEstimator Guidance(
        this DiffusionTransformsCatalog catalog, IGuidance guidance, IEnumerable<GuidanceColumn>? columns = null, string denoiserColumn = DenoiserColumns.DefaultDenoiser)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new GuidanceEstimator(catalog.Environment, guidance, columns ?? [], denoiserColumn);
    }

    /// <summary>
    /// Classifier-free guidance (Ho and Salimans 2022, arXiv:2207.12598): makes samples follow their condition more closely. Needs a model with
    /// condition columns, trained with condition dropout.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="scale">0: conditions are ignored; 1: the model as it is; larger: conditions weigh more.</param>
    /// <param name="scaleColumn">A column of Single with each row's own scale; <paramref name="scale"/> where it is NaN, or not in the data.</param>
    /// <param name="denoiserColumn">The column that carries the denoiser.</param>
    public static GuidanceEstimator ClassifierFreeGuidance(
        this DiffusionTransformsCatalog catalog, double scale = 2, string? scaleColumn = null, string denoiserColumn = DenoiserColumns.DefaultDenoiser)
        => catalog.Guidance(
            new ClassifierFreeGuidance(scale), scaleColumn is null ? [] : [new GuidanceColumn(Diffusion.ClassifierFreeGuidance.ScaleInput, scaleColumn)], denoiserColumn);
}
