namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// Keeps the state of a training run in a folder, so that it can go on after it was interrupted: weights, their average, the optimizer's moments and the place in the
/// run. On a CPU a run that was interrupted and resumed gives the same model, to the last bit, as one that was not (but for budgets of time).
/// </summary>
/// <remarks>
/// A file is written beside its place, flushed and renamed, and carries a SHA-256 sum: one that was damaged later is passed over, with a warning, for the one before it.
/// Beside its interval, a run keeps a checkpoint at its end and where it is cancelled. One that can not be written is a warning, after which the next is tried in its turn; that of the end throws a
/// <see cref="TrainingNotSavedException"/>, which has the model. A folder is locked by the run at work in it.
/// </remarks>
public sealed class TrainingCheckpoint
{
    private readonly long _every = 1000;
    private readonly int _keep = 2;

    /// <summary>Checkpoints in a folder.</summary>
    /// <param name="folder">The folder; made where it is missing. It holds the checkpoints of one run.</param>
    public TrainingCheckpoint(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        Folder = Path.GetFullPath(folder);
    }

    /// <summary>The full path of the folder.</summary>
    public string Folder { get; }

    /// <summary>The number of steps from one checkpoint to the next; at least 1. 1,000 unless set.</summary>
    public long Every
    {
        get => _every;
        init => _every = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Every), value, "Every must be at least 1.");
    }

    /// <summary>How many checkpoints stay, the newest ones; at least 1. 2 unless set, so that a damaged one costs an interval.</summary>
    public int Keep
    {
        get => _keep;
        init => _keep = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Keep), value, "Keep must be at least 1.");
    }

    /// <summary>
    /// Whether to go on from the newest checkpoint of the folder; with none there, training begins anew. Not unless set: then a folder that holds
    /// checkpoints is refused, so that no run overwrites another.
    /// </summary>
    public bool Resume { get; init; }
}
