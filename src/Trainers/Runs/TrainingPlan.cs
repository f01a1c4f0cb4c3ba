namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>How a trainer trains on data whose columns were checked: what is its own beside what <see cref="Trainer{TTransformer}"/> does for all.</summary>
/// <param name="Task">What is to be trained; its precision is Auto where a trial is to tell.</param>
/// <param name="Start">Makes the learner, at the start of its run, in a precision that is not Auto.</param>
/// <param name="Model">Makes the transformer of trained parameters, Float32, all of which it takes over; several where the options ask for an ensemble.</param>
/// <typeparam name="TTransformer">What is made.</typeparam>
internal sealed record TrainingPlan<TTransformer>(TrainingTask Task, Func<Precision, Learner> Start, Func<IReadOnlyList<FlatParameters>, TTransformer> Model)
{
    /// <summary>Whether a row without its conditions teaches nothing: it is left out, and the log says how many were.</summary>
    public bool NeedsConditions { get; init; }

    /// <summary>Whether training starts from a model, which has learned before.</summary>
    public bool GoesOn { get; init; }

    /// <summary>Refuses training data from which nothing can be learned.</summary>
    public Action<SampleBuffer>? Check { get; init; }

    /// <summary>Makes what draws samples as the run goes; none where null.</summary>
    public Func<Learner, SampleBuffer, ISampleSheets?>? Sheets { get; init; }
}
