using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Takes fitted pipelines apart.</summary>
internal static class ScoringSteps
{
    /// <summary>The one transformer of a kind in a model, in chains of chains too.</summary>
    /// <param name="model">The model.</param>
    /// <param name="what">What is looked for.</param>
    /// <param name="trainer">What trains it.</param>
    /// <exception cref="ArgumentException">The model has none, or several.</exception>
    public static T Single<T>(ITransformer model, string what, string trainer)
        where T : class, ITransformer
    {
        ArgumentNullException.ThrowIfNull(model);
        return Of(model).OfType<T>().ToArray() switch
        {
            [var one] => one,
            [] => throw new ArgumentException($"The model has no {what}: train one with {trainer}.", nameof(model)),
            var several => throw new ArgumentException($"The model has {several.Length} {what}s: pass the one that is meant.", nameof(model)),
        };
    }

    /// <summary>The transformers of a model that score: those of chains in chains, without the steps that only training and testing need.</summary>
    /// <param name="model">A transformer, or a chain of them.</param>
    public static IReadOnlyList<ITransformer> Of(ITransformer model)
    {
        if (model is not ITransformerChainAccessor chain)
            return [model];
        var steps = new List<ITransformer>();
        for (int i = 0; i < chain.Transformers.Length; i++)
            if ((chain.Scopes[i] & TransformerScope.Scoring) != 0)
                steps.AddRange(Of(chain.Transformers[i]));
        return steps;
    }
}
