using TorchSharp;
using TorchSharp.Modules;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Writes how training does into a folder: <c>metrics.csv</c>, a row a report, losses by noise level, and TensorBoard's event files.</summary>
internal sealed class MetricsFolder : IDisposable
{
    private const string FileName = "metrics.csv";
    private const string Header = "step,fraction,loss,smoothed_loss,validation_loss,learning_rate,gradient_norm,samples_per_second,elapsed_seconds";

    private readonly StreamWriter _rows;
    private readonly LevelLossFile _levels;
    private readonly ScoreFile _scores;
    private readonly SummaryWriter _events;

    /// <summary>Opens the folder. Rows of a resumed run that come after its checkpoint are dropped, since they will be made again.</summary>
    /// <param name="folder">The folder; made where it is missing.</param>
    /// <param name="start">The number of steps done: 0 for a new run, whose rows replace older ones.</param>
    /// <exception cref="IOException">The folder can not be written to.</exception>
    public MetricsFolder(string folder, long start)
    {
        try
        {
            Directory.CreateDirectory(folder);
            string path = Path.Combine(folder, FileName);
            AtomicFile.Write(path, CsvRows.Text(Header, CsvRows.Kept(path, Header, start)));
            _rows = new StreamWriter(path, append: true) { AutoFlush = true, NewLine = "\n" };
            _levels = new LevelLossFile(folder, start);
            _scores = new ScoreFile(folder, start);
            _events = torch.utils.tensorboard.SummaryWriter(folder, createRunName: false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _rows?.Dispose();
            throw new IOException($"Metrics can not be written to the folder '{folder}': {exception.Message}", exception);
        }
    }

    /// <summary>Writes a report.</summary>
    public void Write(TrainingProgress progress)
    {
        _rows.WriteLine(FormattableString.Invariant(
            $"{progress.Step},{progress.Fraction:r},{progress.Loss:r},{progress.SmoothedLoss:r},{progress.ValidationLoss:r},{progress.LearningRate:r},{progress.GradientNorm:r},{progress.SamplesPerSecond:r},{progress.Elapsed.TotalSeconds:r}"));
        int step = (int)Math.Min(progress.Step, int.MaxValue);
        void Event(string name, double? value)
        {
            if (value is { } number)
                _events.add_scalar(name, (float)number, step, null);
        }
        if (progress.ValidationLevels is { } levels)
            _levels.Write(progress.Step, levels);
        if (progress.ValidationScores is { } scores)
            _scores.Write(progress.Step, scores);
        foreach (var score in progress.ValidationScores ?? [])
            Event($"score/{score.Name}", score.Value);
        Event("loss/training", progress.Loss);
        Event("loss/smoothed", progress.SmoothedLoss);
        Event("loss/validation", progress.ValidationLoss);
        Event("learning_rate", progress.LearningRate);
        Event("gradient_norm", progress.GradientNorm);
        Event("samples_per_second", progress.SamplesPerSecond);
    }

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();
}
