namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Training is done, but what was to be kept of its end, a checkpoint or the averages, could not be written. The model is not lost: the exception has it.</summary>
public sealed class TrainingNotSavedException : IOException
{
    internal TrainingNotSavedException(Exception failure, ITransformer model)
        : base($"Training is done, but its end could not be saved: {failure.Message} The exception's Model holds the trained model.", failure)
        => Model = model;

    /// <summary>The trained model: what Fit would have returned. The caller disposes it.</summary>
    public ITransformer Model { get; }
}
