using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion;

/// <summary>Guidance by any objective.</summary>
public static class UniversalGuidanceCatalog
{
    /// <summary>
    /// Universal guidance (Bansal et al. 2023, arXiv:2302.07121): samples follow any differentiable objective of clean data. The model knows nothing of it, and needs no conditions. The
    /// objective's targets come from the columns of their names, each row's own; a row that misses one, and all rows where the data has no such column, are sampled without this guidance.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="objective">
    /// What is wanted: one of <see cref="KnownGuidanceObjectives"/>, a <see cref="TorchScriptObjective"/>, or code (<see cref="GuidanceObjective.From(Func{TorchSharp.torch.Tensor, TorchSharp.torch.Tensor})"/>),
    /// which can not be saved. Its networks stay the caller's.
    /// </param>
    /// <param name="options">How it is followed; forward guidance of weight 1 unless given.</param>
    /// <exception cref="ArgumentException">An option is out of range; names it and its value.</exception>
    public static GuidanceEstimator UniversalGuidance(this DiffusionTransformsCatalog catalog, GuidanceObjective objective, UniversalGuidanceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(objective);
        options ??= new();
        List<GuidanceColumn> columns = [.. objective.TargetNames.Select(name => new GuidanceColumn(name, name))];
        if (options.WeightColumn is { } weights)
            columns.Add(new GuidanceColumn(Diffusion.UniversalGuidance.WeightInput, weights));
        return catalog.Guidance(options.Within(options.For(objective)), columns, options.DenoiserColumn);
    }
}
