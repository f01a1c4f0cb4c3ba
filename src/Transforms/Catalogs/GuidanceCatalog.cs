using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion;

/// <summary>Guidance.</summary>
public static class GuidanceCatalog
{
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
    {
        ArgumentNullException.ThrowIfNull(catalog);
        _ = new ClassifierFreeGuidance(scale);
        IReadOnlyList<GuidanceColumn> inputs = scaleColumn is null ? [] : [new GuidanceColumn(scaleColumn, new GuidanceInput("Scale", 1))];
        return new GuidanceEstimator(catalog.Environment, denoiserColumn, needsConditions: true, inputs,
            slot => new ClassifierFreeGuidance(scale, scaleColumn is null ? null : slot));
    }
}
