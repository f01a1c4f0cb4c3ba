using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Finds and replaces the denoiser of a fitted pipeline.</summary>
internal static class DenoiserSteps
{
    /// <summary>The one denoiser of a model, in chains of chains too.</summary>
    /// <exception cref="ArgumentException">The model has no denoiser, or several.</exception>
    public static DenoiserTransformer Find(ITransformer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var found = ScoringSteps.Of(model).OfType<DenoiserTransformer>().ToArray();
        return found switch
        {
            [var denoiser] => denoiser,
            [] => throw new ArgumentException("The model has no trained denoiser, so there are no weights. Append d.Trainers.Denoiser(...) to the pipeline.", nameof(model)),
            _ => throw new ArgumentException($"The model has {found.Length} denoisers, in the columns {string.Join(", ", found.Select(denoiser => $"'{denoiser.Columns.Denoiser}'"))}: pass the one that is meant.", nameof(model)),
        };
    }

    /// <summary>A model with another step in the place of one; all others are shared, with their scopes, and each model may be disposed for itself.</summary>
    public static ITransformer Replace(ITransformer model, ITransformer old, ITransformer replacement)
    {
        if (ReferenceEquals(model, old))
            return replacement;
        return model switch
        {
            ITransformerChainAccessor chain => new TransformerChain<ITransformer>(chain.Transformers.Select(step => Replace(step, old, replacement)).ToArray(), chain.Scopes),
            RowTransformer step => step.Share(),
            _ => model,
        };
    }
}
