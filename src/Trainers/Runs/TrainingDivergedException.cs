namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>The loss or its gradient stopped being finite. Training stopped before the weights took harm.</summary>
public sealed class TrainingDivergedException : InvalidOperationException
{
    internal TrainingDivergedException(TrainingProgress progress, ITransformer? model)
        : base(FormattableString.Invariant($"Training diverged at step {progress.Step + 1}: loss {progress.Loss}, gradient norm {progress.GradientNorm}, learning rate {progress.LearningRate:g3}. ") +
            "Lower LearningRate (a tenth of it is a good next try), lengthen WarmUp or lower GradientClipping, and look for outliers in the data." +
            (model is null ? "" : $" The exception's Model holds the model after {Plural.Of(progress.Step, "step")}."))
    {
        Progress = progress;
        Model = model;
    }

    /// <summary>Where training was: the loss and gradient norm are those that were not finite.</summary>
    public TrainingProgress Progress { get; }

    /// <summary>The model trained so far, without the step that failed; null where not one step was done. It is what Fit would have returned; the caller disposes it.</summary>
    public ITransformer? Model { get; }
}
