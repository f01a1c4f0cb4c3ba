using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Takes fitted pipelines apart.</summary>
internal static class ScoringSteps
{
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
