using System.Globalization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>The checkpoints of one run: <c>step-000001000.safetensors</c> and so on.</summary>
internal sealed class CheckpointFolder
{
    private const string Prefix = "step-", Suffix = ".safetensors";

    private readonly TrainingCheckpoint _options;
    private readonly TrainingEngine _engine;
    private readonly IReadOnlyDictionary<string, string> _identity;
    private long _saved = -1;

    /// <summary>Makes the folder ready, and refuses one that can not be written to before hours of training are lost.</summary>
    /// <param name="options">Where, and how many.</param>
    /// <param name="engine">Whose state is kept.</param>
    /// <param name="identity">What decides the course of the run.</param>
    /// <exception cref="IOException">The folder can not be written to.</exception>
    /// <exception cref="InvalidOperationException">The folder holds checkpoints, and the run shall not resume.</exception>
    public CheckpointFolder(TrainingCheckpoint options, TrainingEngine engine, IReadOnlyDictionary<string, string> identity)
    {
        (_options, _engine, _identity) = (options, engine, identity);
        Probe();
        if (!options.Resume && Files().Count > 0)
            throw new InvalidOperationException($"The folder '{options.Folder}' already holds checkpoints. Set {nameof(TrainingCheckpoint.Resume)} to go on from them, or take an empty folder.");
    }

    /// <summary>Puts the engine where the newest good checkpoint was.</summary>
    /// <param name="channel">Is told which one, and of those that are damaged.</param>
    /// <returns>Where the run stands; null where there is no checkpoint.</returns>
    /// <exception cref="InvalidOperationException">The checkpoint is of another course, or all are damaged; names the differences.</exception>
    public RunPosition? Resume(IChannel channel)
    {
        var files = Files();
        if (files.Count == 0)
        {
            if (_options.Resume)
                channel.Info(MessageSensitivity.None, "{0}", $"No checkpoint in '{_options.Folder}': training begins anew.");
            return null;
        }
        foreach (string path in files)
        {
            try
            {
                var (position, identity) = CheckpointFile.Check(path);
                if (RunIdentity.Differences(_identity, identity).ToArray() is { Length: > 0 } differences)
                    throw new InvalidOperationException($"The checkpoint '{path}' belongs to another run: {string.Join("; ", differences)}.");
                CheckpointFile.Restore(path, _engine.State);
                _engine.Resume(position.Step, position.BestLoss is not null);
                _saved = position.Step;
                channel.Info(MessageSensitivity.None, "{0}", $"Going on from step {position.Step} of the checkpoint '{path}'.");
                return position;
            }
            catch (Exception exception) when (exception is InvalidDataException or IOException or FormatException)
            {
                channel.Warning(MessageSensitivity.None, "{0}", $"The checkpoint '{path}' is damaged and was passed over: {exception.Message}");
            }
        }
        throw new InvalidOperationException($"All {files.Count} checkpoints in '{_options.Folder}' are damaged. Take an empty folder to begin anew.");
    }

    /// <summary>Keeps a checkpoint where one is due, and removes those that are too many.</summary>
    /// <param name="position">Where the run stands.</param>
    /// <param name="ends">Whether it ends here.</param>
    /// <exception cref="IOException">It could not be written; the older ones are still there.</exception>
    public void Save(RunPosition position, bool ends)
    {
        if (position.Step == _saved || !(ends || position.Step % _options.Every == 0))
            return;
        CheckpointFile.Write(Path.Combine(_options.Folder, $"{Prefix}{position.Step:d9}{Suffix}"), position, _identity, _engine.State);
        _saved = position.Step;
        foreach (string old in Files().Skip(_options.Keep))
            File.Delete(old);
    }

    // The newest first.
    private List<string> Files()
        => [.. from path in Directory.EnumerateFiles(_options.Folder, $"{Prefix}*{Suffix}")
               let step = StepOf(path)
               where step is not null
               orderby step descending
               select path];

    private static long? StepOf(string path)
        => long.TryParse(Path.GetFileName(path).AsSpan()[Prefix.Length..^Suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out long step) ? step : null;

    private void Probe()
    {
        string probe = TemporaryName.In(_options.Folder);
        try
        {
            Directory.CreateDirectory(_options.Folder);
            // A killed run's half-written file is as large as a checkpoint: however young, it goes.
            TemporaryName.RemoveAbandoned(_options.Folder, DateTimeOffset.MaxValue);
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"Checkpoints can not be written to the folder '{_options.Folder}': {exception.Message}", exception);
        }
    }
}
