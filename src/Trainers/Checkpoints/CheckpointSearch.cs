using System.Globalization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>A folder of checkpoints, <c>step-000001000.safetensors</c> and so on, kept for one run, and the good ones in it. Each is summed once, however large it is.</summary>
internal sealed class CheckpointSearch : IDisposable
{
    private const string Prefix = "step-", Suffix = ".safetensors";

    private readonly TrainingCheckpoint _options;
    private readonly IChannel _channel;
    private readonly FolderLock _lock;
    private readonly Queue<string> _unchecked;

    /// <summary>Makes the folder ready, and refuses one that can not be written to before hours of training are lost.</summary>
    /// <param name="options">Where, and whether to go on.</param>
    /// <param name="channel">Is told what is passed over.</param>
    /// <exception cref="IOException">The folder can not be written to.</exception>
    /// <exception cref="InvalidOperationException">Another run is at work in the folder, or it holds checkpoints, and the run shall not resume.</exception>
    public CheckpointSearch(TrainingCheckpoint options, IChannel channel)
    {
        (_options, _channel) = (options, channel);
        _lock = Open();
        _unchecked = new(Files());
        Count = _unchecked.Count;
        if (options.Resume)
            Newest = Next();
        if (options.Resume || Count == 0)
            return;
        _lock.Dispose();
        throw new InvalidOperationException($"The folder '{options.Folder}' already holds checkpoints. Set {nameof(TrainingCheckpoint.Resume)} to go on from them, or take an empty folder.");
    }

    /// <summary>How many there were.</summary>
    public int Count { get; }

    /// <summary>The newest good one, from which the run goes on; null where there is none.</summary>
    public GoodCheckpoint? Newest { get; }

    /// <summary>Lets others have the folder.</summary>
    public void Dispose() => _lock.Dispose();

    /// <summary>The path of the checkpoint of a step.</summary>
    public string PathOf(long step) => Path.Combine(_options.Folder, $"{Prefix}{step.ToString("d9", CultureInfo.InvariantCulture)}{Suffix}");

    /// <summary>All that there are now, the newest first.</summary>
    public List<string> Files()
        => [.. from path in Directory.EnumerateFiles(_options.Folder, $"{Prefix}*{Suffix}")
               let step = StepOf(path)
               where step is not null
               orderby step descending
               select path];

    /// <summary>The next good one before those that were looked at; null where there is none.</summary>
    public GoodCheckpoint? Next()
    {
        GoodCheckpoint? good = null;
        while (_unchecked.TryDequeue(out string? path))
            if (TryRead(path, () => good = CheckpointFile.Check(path)))
                return good;
        return null;
    }

    /// <summary>Reads a checkpoint, or tells why it is passed over.</summary>
    /// <returns>Whether it was read.</returns>
    public bool TryRead(string path, Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (Exception exception) when (exception is InvalidDataException or FormatException)
        {
            _channel.Warning(MessageSensitivity.None, "{0}", $"The checkpoint '{path}' is damaged and was passed over: {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _channel.Warning(MessageSensitivity.None, "{0}", $"The checkpoint '{path}' can not be read and was passed over: {exception.Message}");
        }
        return false;
    }

    private static long? StepOf(string path)
        => long.TryParse(Path.GetFileName(path).AsSpan()[Prefix.Length..^Suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out long step) ? step : null;

    private FolderLock Open()
    {
        FolderLock? kept = null;
        string probe = TemporaryName.In(_options.Folder);
        try
        {
            DurableFolder.Create(_options.Folder);
            // Before anything is removed: it may be what another run is writing.
            kept = new FolderLock(_options.Folder, FolderLock.Checkpoints);
            // A killed run's half-written file is as large as a checkpoint: however young, it goes.
            TemporaryName.RemoveAbandoned(_options.Folder, DateTimeOffset.MaxValue);
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
            return kept;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            kept?.Dispose();
            throw new IOException($"Checkpoints can not be written to the folder '{_options.Folder}': {WriteFailure.Reason(exception, probe, _options.Folder)}", exception);
        }
    }
}
