namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>How a run ended.</summary>
internal enum TrainingOutcome
{
    /// <summary>The budget is used up.</summary>
    Completed,

    /// <summary>The validation loss no longer fell.</summary>
    StoppedEarly,

    /// <summary>The user cancelled, after at least one step.</summary>
    Cancelled,

    /// <summary>The loss or its gradient is not finite.</summary>
    Diverged,
}
