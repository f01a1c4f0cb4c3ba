using System.Runtime.CompilerServices;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion;

/// <summary>Guidance.</summary>
public static class GuidanceCatalog
{
    /// <summary>Any guidance. Those of the library have methods of their own here.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="guidance">The guidance. Its networks stay the caller's; each fitted transformer holds shares of its own.</param>
    /// <param name="columns">
    /// The columns that give the guidance's inputs; an input without one has the guidance's default in every row.
    /// </param>
    /// <param name="denoiserColumn">The column that carries the denoiser.</param>
    public static GuidanceEstimator Guidance(
        this DiffusionTransformsCatalog catalog, IGuidance guidance, IEnumerable<GuidanceColumn>? columns = null, string denoiserColumn = DenoiserColumns.DefaultDenoiser)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new GuidanceEstimator(catalog.Environment, guidance, columns ?? [], denoiserColumn);
    }

    /// <summary>
    /// Classifier-free guidance (Ho and Salimans 2022, arXiv:2207.12598): makes samples follow their condition more closely. Needs a
    /// model with
    /// condition columns, trained with condition dropout.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="scale">0: conditions are ignored; 1: the model as it is; larger: conditions weigh more.</param>
    /// <param name="scaleColumn">
    /// A column of Single with each row's own scale; <paramref name="scale"/> where it is NaN, or not in the data.
    /// </param>
    /// <param name="denoiserColumn">The column that carries the denoiser.</param>
    public static GuidanceEstimator ClassifierFreeGuidance(
        this DiffusionTransformsCatalog catalog, double scale = 2, string? scaleColumn = null, string denoiserColumn = DenoiserColumns.DefaultDenoiser)
        => catalog.Guidance(
            new ClassifierFreeGuidance(scale), scaleColumn is null ? [] : [new GuidanceColumn(Diffusion.ClassifierFreeGuidance.ScaleInput, scaleColumn)], denoiserColumn);

    /// <summary>
    /// Classifier-free guidance with all its options: intervals, rescale, thresholding, negatives, a scale for each condition.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The options.</param>
    // new() { … } could be a number: here it is options.
    [OverloadResolutionPriority(1)]
    public static GuidanceEstimator ClassifierFreeGuidance(this DiffusionTransformsCatalog catalog, ClassifierFreeGuidanceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return catalog.Guidance(options.Guidance, options.Columns, options.DenoiserColumn);
    }

    /// <summary>
    /// Guidance by a classifier of noisy data (Dhariwal and Nichol 2021, arXiv:2105.05233): makes samples of a class, also from a model
    /// without conditions.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="classifier">
    /// The classifier, such as a <see cref="TorchScriptClassifier"/>. Its networks stay the caller's; each fitted transformer holds
    /// shares of its own.
    /// </param>
    /// <param name="labelColumn">
    /// A key column with each row's class, of as many values as the classifier has classes; a missing value, or no such column, means the
    /// option's label.
    /// </param>
    /// <param name="options">The options; the defaults unless given.</param>
    public static GuidanceEstimator ClassifierGuidance(this DiffusionTransformsCatalog catalog, IClassifier classifier, string labelColumn, ClassifierGuidanceOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(labelColumn);
        options ??= new ClassifierGuidanceOptions();
        var guidance = new ClassifierGuidance(classifier, options.Scale, options.Label) { Shift = options.Shift };
        return catalog.Guidance(options.Within(guidance), [.. options.ScaleColumns, new GuidanceColumn(Diffusion.ClassifierGuidance.LabelInput, labelColumn)], options.DenoiserColumn);
    }

    /// <summary>
    /// CLIP guidance (Nichol et al. 2022, arXiv:2112.10741, section 2.4): moves samples towards vectors, such as embeddings of texts, in
    /// the space of an encoder; also from a model without conditions.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="encoder">
    /// The side of the encoder that sees samples. Its networks stay the caller's; each fitted transformer holds shares of its own.
    /// </param>
    /// <param name="targetColumn">
    /// A column with each row's target: a vector of Single of the encoder's size. A row with NaN is not guided.
    /// </param>
    /// <param name="options">The options; the defaults unless given.</param>
    public static GuidanceEstimator ClipGuidance(this DiffusionTransformsCatalog catalog, IEncoder encoder, string targetColumn, ClipGuidanceOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(targetColumn);
        options ??= new ClipGuidanceOptions();
        var guidance = new ClipGuidance(encoder, options.Scale) { Shift = options.Shift, Similarity = options.Similarity, OfEstimate = options.OfEstimate };
        return catalog.Guidance(options.Within(guidance), [.. options.ScaleColumns, new GuidanceColumn(Diffusion.ClipGuidance.TargetInput, targetColumn)], options.DenoiserColumn);
    }

    /// <summary>
    /// Autoguidance (Karras et al. 2024, arXiv:2406.02507): samples go away from what a weaker version of the model, smaller or trained
    /// less on the same data, would make.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="weaker">
    /// A fitted pipeline with one denoiser, on the same data through the same steps, or its <see cref="DenoiserTransformer"/>. It stays
    /// the caller's; its weights are saved with the guidance.
    /// </param>
    /// <param name="options">The options; the defaults unless given.</param>
    /// <exception cref="ArgumentException">The pipeline has no denoiser, or several, or one that can not be saved.</exception>
    public static GuidanceEstimator Autoguidance(this DiffusionTransformsCatalog catalog, ITransformer weaker, AutoguidanceOptions? options = null)
    {
        options ??= new AutoguidanceOptions();
        var model = DenoiserSteps.Find(weaker).Model;
        var denoiser = model.Unguarded;
        if (!denoiser.Networks.Any())
            throw new ArgumentException($"The weaker model is a {denoiser.GetType().Name} without weights that could be saved with the guidance.", nameof(weaker));
        return catalog.Guidance(options.Within(new Autoguidance(denoiser, options.Scale)), options.ScaleColumns, options.DenoiserColumn).TrainedOn(model.Spec.Codec);
    }

    /// <summary>
    /// Composition of conditions (Liu et al. 2022, arXiv:2206.01714): samples that meet several values of the conditions at once, or that
    /// avoid some. Needs a model with condition columns, trained with
    /// condition dropout.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The terms, and their weights.</param>
    /// <exception cref="ArgumentException">There is no term.</exception>
    public static GuidanceEstimator ComposeConditions(this DiffusionTransformsCatalog catalog, CompositionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return catalog.Guidance(options.Guidance, options.Columns, options.DenoiserColumn);
    }
}
