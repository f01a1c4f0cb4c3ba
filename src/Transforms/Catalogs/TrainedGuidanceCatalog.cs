using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion;

/// <summary>Guidance by what was trained here.</summary>
public static class TrainedGuidanceCatalog
{
    /// <summary>Guidance by a trained classifier of noisy data (Dhariwal and Nichol 2021, arXiv:2105.05233): makes samples of a class, also from a model without conditions.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="classifier">A model with one trained classifier, of <c>d.Trainers.NoisyClassifier</c>, trained behind the denoiser's noise schedule. It stays the caller's; its weights are saved with the guidance.</param>
    /// <param name="labelColumn">A key column with each row's class, of the values that the classifier's label had; a missing value, or no such column, means the option's label.</param>
    /// <param name="options">The options; the defaults unless given.</param>
    /// <exception cref="ArgumentException">The model has no classifier, or several.</exception>
    public static GuidanceEstimator ClassifierGuidance(this DiffusionTransformsCatalog catalog, ITransformer classifier, string labelColumn, ClassifierGuidanceOptions? options = null)
    {
        var trained = ScoringSteps.Single<ClassifierTransformer>(classifier, "trained classifier", "d.Trainers.NoisyClassifier(...)");
        return catalog.ClassifierGuidance(trained.Classifier, labelColumn, options).TrainedOn(trained.Spec.Codec);
    }

    /// <summary>
    /// CLIP guidance by trained encoders (Radford et al. 2021, arXiv:2103.00020; Nichol et al. 2022, arXiv:2112.10741, section 2.4): moves samples towards the vector of each row's condition, which is
    /// computed once a row; also from a model without conditions.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="encoders">
    /// A model with one pair of encoders, of <c>d.Trainers.Contrastive</c> with one condition column, trained behind the denoiser's noise schedule. It stays the caller's; its weights are saved with the guidance.
    /// </param>
    /// <param name="conditionColumn">A column with each row's condition, of the type that the condition column of training had. A row without is not guided.</param>
    /// <param name="options">
    /// The options; the defaults unless given. Their <see cref="KnownSimilarities.Cosine"/> stands for the logit that training learned: <see cref="ContrastiveTransformer.Scale"/> times the cosine.
    /// </param>
    /// <exception cref="ArgumentException">The model has no encoders, several pairs, or encoders of several condition columns.</exception>
    public static GuidanceEstimator ClipGuidance(this DiffusionTransformsCatalog catalog, ITransformer encoders, string conditionColumn, ClipGuidanceOptions? options = null)
    {
        var trained = ScoringSteps.Single<ContrastiveTransformer>(encoders, "trained pair of encoders", "d.Trainers.Contrastive(...)");
        if (trained.Columns.Conditions.Count > 1)
            throw new ArgumentException($"The encoders were trained with the condition columns {string.Join(", ", trained.Columns.Conditions.Select(name => $"'{name}'"))}; a guidance reads one. Append the encoders to the pipeline, and guide by ClipGuidance(encoders.DataEncoder, \"{trained.Columns.ConditionEmbedding}\").", nameof(encoders));
        options = (options ?? new ClipGuidanceOptions()).Copy();
        if (ReferenceEquals(options.Similarity, KnownSimilarities.Cosine))
            options.Similarity = new ScaledCosineSimilarity(Math.Log(trained.Scale));
        return catalog.ClipGuidance(trained.DataEncoder, conditionColumn, options).Embedding(Diffusion.ClipGuidance.TargetInput, trained.ConditionEncoder).TrainedOn(trained.Spec.Codec);
    }
}
