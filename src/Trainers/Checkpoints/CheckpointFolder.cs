using System.Globalization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>The checkpoints of one run: <c>step-000001000.safetensors</c> and so on.</summary>
internal sealed class CheckpointFolder : IDisposable
{
    private const string Prefix = "step-", Suffix = ".safetensors";

    private readonly TrainingCheckpoint _options;
    private readonly TrainingEngine _engine;
    private readonly IReadOnlyDictionary<string, string> _identity;
    private readonly IChannel _channel;
    private readonly FolderLock _lock;
    private long _saved = -1;

    /// <summary>Makes the folder ready, and refuses one that can not be written to before hours of training are lost.</summary>
    /// <param name="options">Where, and how many.</param>
    /// <param name="engine">Whose state is kept.</param>
    /// <param name="identity">What decides the course of the run.</param>
    /// <param name="channel">Is told what is read, passed over, and not written.</param>
    /// <exception cref="IOException">The folder can not be written to.</exception>
    /// <exception cref="InvalidOperationException">Another run is at work in the folder, or it holds checkpoints, and the run shall not resume.</exception>
    public CheckpointFolder(TrainingCheckpoint options, TrainingEngine engine, IReadOnlyDictionary<string, string> identity, IChannel channel)
    {
        (_options, _engine, _identity, _channel) = (options, engine, identity, channel);
        _lock = Open();
        if (options.Resume || Files().Count == 0)
            return;
        _lock.Dispose();
        throw new InvalidOperationException($"The folder '{options.Folder}' already holds checkpoints. Set {nameof(TrainingCheckpoint.Resume)} to go on from them, or take an empty folder.");
    }

    /// <summary>Lets others have the folder.</summary>
    public void Dispose() => _lock.Dispose();

    /// <summary>What decided the course of the run that is to be gone on with, as its newest good checkpoint says; null where there is none.</summary>
    /// <param name="options">Where; null for no checkpoints.</param>
    public static IReadOnlyDictionary<string, string>? IdentityOf(TrainingCheckpoint? options)
    {
        if (options is not { Resume: true } || !Directory.Exists(options.Folder))
            return null;
        foreach (string path in Files(options.Folder))
        {
            try
            {
                return CheckpointFile.Check(path).Identity;
            }
            catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException or FormatException)
            {
                // Resume tells of it.
            }
        }
        return null;
    }

    /// <summary>Puts the engine where the newest good checkpoint was.</summary>
    /// <returns>Where the run stands; null where there is no checkpoint.</returns>
    /// <exception cref="InvalidOperationException">The checkpoint is of another course, or none can be read; names the differences.</exception>
    public RunPosition? Resume()
    {
        var files = Files();
        if (files.Count == 0)
        {
            if (_options.Resume)
                _channel.Info(MessageSensitivity.None, "{0}", $"No checkpoint in '{_options.Folder}': training begins anew.");
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
                _channel.Info(MessageSensitivity.None, "{0}", $"Going on from step {position.Step} of the checkpoint '{path}'.");
                return position;
            }
            catch (Exception exception) when (exception is InvalidDataException or FormatException)
            {
                _channel.Warning(MessageSensitivity.None, "{0}", $"The checkpoint '{path}' is damaged and was passed over: {exception.Message}");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                _channel.Warning(MessageSensitivity.None, "{0}", $"The checkpoint '{path}' can not be read and was passed over: {exception.Message}");
            }
        }
        throw new InvalidOperationException($"All {files.Count} checkpoints in '{_options.Folder}' are damaged or can not be read. Take an empty folder to begin anew.");
    }

    /// <summary>Keeps a checkpoint where one is due, and removes those that are too many. One that can not be written costs an interval, not the run: the older ones are still there.</summary>
    /// <param name="position">Where the run stands.</param>
    /// <param name="ends">Whether it ends here.</param>
    /// <returns>Why the checkpoint that is due could not be written; null where it was, or none is due.</returns>
    public Exception? Save(RunPosition position, bool ends)
    {
        if (position.Step == _saved || !(ends || position.Step % _options.Every == 0))
            return null;
        try
        {
            Save(position);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _channel.Warning(MessageSensitivity.None, "{0}", $"The checkpoint of step {position.Step} could not be written to '{_options.Folder}': {exception.Message}{(ends ? "" : " Training goes on; the next is tried in its turn.")}");
            return exception;
        }
    }

    private void Save(RunPosition position)
    {
        CheckpointFile.Write(Path.Combine(_options.Folder, $"{Prefix}{position.Step:d9}{Suffix}"), position, _identity, _engine.State);
        _saved = position.Step;
        foreach (string old in Files().Skip(_options.Keep))
            File.Delete(old);
    }

    // The newest first.
    private List<string> Files() => Files(_options.Folder);

    private static List<string> Files(string folder)
        => [.. from path in Directory.EnumerateFiles(folder, $"{Prefix}*{Suffix}")
               let step = StepOf(path)
               where step is not null
               orderby step descending
               select path];

    private static long? StepOf(string path)
        => long.TryParse(Path.GetFileName(path).AsSpan()[Prefix.Length..^Suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out long step) ? step : null;

    private FolderLock Open()
    {
        FolderLock? kept = null;
        string probe = TemporaryName.In(_options.Folder);
        try
        {
            Directory.CreateDirectory(_options.Folder);
            // Before anything is removed: it may be what another run is writing.
            kept = new FolderLock(_options.Folder);
            // A killed run's half-written file is as large as a checkpoint: however young, it goes.
            TemporaryName.RemoveAbandoned(_options.Folder, DateTimeOffset.MaxValue);
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
            return kept;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            kept?.Dispose();
            throw new IOException($"Checkpoints can not be written to the folder '{_options.Folder}': {exception.Message}", exception);
        }
    }
}
