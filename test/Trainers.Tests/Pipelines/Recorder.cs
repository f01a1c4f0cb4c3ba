namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>Keeps every report, and does something on each.</summary>
internal sealed class Recorder(Action<TrainingProgress>? then = null) : IProgress<TrainingProgress>
{
    public List<TrainingProgress> Reports { get; } = [];

    public void Report(TrainingProgress value)
    {
        Reports.Add(value);
        then?.Invoke(value);
    }
}
