using Microsoft.ML.Runtime;
using TorchSharp;
using TorchSharp.Modules;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Writes how training does into a folder: <c>metrics.csv</c>, a row a report, losses by noise level, and TensorBoard's event files.</summary>
internal sealed class MetricsFolder : IDisposable
{
    private const string FileName = "metrics.csv";
    private const string Header = "step,fraction,loss,smoothed_loss,validation_loss,learning_rate,gradient_norm,samples_per_second,elapsed_seconds";

    private readonly string _folder;
    private readonly FolderLock _lock;
    private readonly CsvTable _rows;
    private readonly LevelLossFile _levels;
    private readonly ScoreFile _scores;
    private readonly OutputGuard _tables, _levelLosses, _scoreTables, _tensorBoard;
    private SummaryWriter? _events;

    /// <summary>Opens the folder. Rows of a resumed run that come after its checkpoint are dropped, since they will be made again.</summary>
    /// <param name="folder">The folder; made where it is missing.</param>
    /// <param name="start">The number of steps done: 0 for a new run, whose rows replace older ones.</param>
    /// <param name="channel">Is told of what can not be written later, which does not end training.</param>
    /// <exception cref="IOException">The folder can not be written to.</exception>
    /// <exception cref="InvalidOperationException">Another run writes into it.</exception>
    public MetricsFolder(string folder, long start, IChannel channel)
    {
        _folder = folder;
        (_tables, _levelLosses, _scoreTables, _tensorBoard) = (Guard("table"), Guard("losses by noise level"), Guard("scores by noise level"), Guard("events for TensorBoard"));
        OutputGuard Guard(string what) => new(channel, $"The {what} of the metrics in '{folder}'");
        FolderLock? kept = null;
        try
        {
            DurableFolder.Create(folder);
            // Before anything is removed: it may be another run's.
            _lock = kept = new FolderLock(folder, FolderLock.Metrics);
            _rows = new CsvTable(Path.Combine(folder, FileName), Header, start);
            _levels = new LevelLossFile(folder, start);
            _scores = new ScoreFile(folder, start);
            _rows.Append([]);
            Open();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            kept?.Dispose();
            throw new IOException($"Metrics can not be written to the folder '{folder}': {WriteFailure.Reason(exception)}", exception);
        }
    }

    /// <summary>Lets others have the folder.</summary>
    public void Dispose() => _lock.Dispose();

    /// <summary>Writes a report; what can not be written is a warning.</summary>
    public void Write(TrainingProgress progress)
    {
        _tables.Try(() => _rows.Append([FormattableString.Invariant(
            $"{progress.Step},{progress.Fraction:r},{progress.Loss:r},{progress.SmoothedLoss:r},{progress.ValidationLoss:r},{progress.LearningRate:r},{progress.GradientNorm:r},{progress.SamplesPerSecond:r},{progress.Elapsed.TotalSeconds:r}")]));
        if (progress.ValidationLevels is { } levels)
            _levelLosses.Try(() => _levels.Write(progress.Step, levels));
        if (progress.ValidationScores is { } scores)
            _scoreTables.Try(() => _scores.Write(progress.Step, scores));
        // After half an event a reader goes no further: what follows a failure is a file of its own.
        if (!_tensorBoard.Try(() => WriteEvents(progress, Open())))
            _events = null;
    }

    // TorchSharp's writer opens its file for each event and closes it: there is nothing to close at the end.
    private SummaryWriter Open() => _events ??= torch.utils.tensorboard.SummaryWriter(_folder, createRunName: false);

    private static void WriteEvents(TrainingProgress progress, SummaryWriter events)
    {
        int step = (int)Math.Min(progress.Step, int.MaxValue);
        void Event(string name, double? value)
        {
            if (value is { } number)
                events.add_scalar(name, (float)number, step, null);
        }
        foreach (var score in progress.ValidationScores ?? [])
            Event($"score/{score.Name}", score.Value);
        Event("loss/training", progress.Loss);
        Event("loss/smoothed", progress.SmoothedLoss);
        Event("loss/validation", progress.ValidationLoss);
        Event("learning_rate", progress.LearningRate);
        Event("gradient_norm", progress.GradientNorm);
        Event("samples_per_second", progress.SamplesPerSecond);
    }
}
