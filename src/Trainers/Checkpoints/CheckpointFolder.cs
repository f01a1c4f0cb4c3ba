using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>The checkpoints of one run.</summary>
/// <param name="options">Where, how often, and how many.</param>
/// <param name="search">The folder, and what was found in it.</param>
/// <param name="engine">Whose state is kept.</param>
/// <param name="identity">What decides the course of the run.</param>
/// <param name="channel">Is told what is read, and not written.</param>
internal sealed class CheckpointFolder(TrainingCheckpoint options, CheckpointSearch search, TrainingEngine engine, IReadOnlyDictionary<string, string> identity, IChannel channel)
{
    private long _saved = -1;

    /// <summary>Puts the engine where the newest good checkpoint was.</summary>
    /// <returns>Where the run stands; null where there is no checkpoint.</returns>
    /// <exception cref="InvalidOperationException">The checkpoint is of another course, or none can be read; names the differences.</exception>
    public RunPosition? Resume()
    {
        if (search.Count == 0)
        {
            if (options.Resume)
                channel.Info(MessageSensitivity.None, "{0}", $"No checkpoint in '{options.Folder}': training begins anew.");
            return null;
        }
        for (var good = search.Newest; good is not null; good = search.Next())
        {
            var (path, position, of) = good;
            if (RunIdentity.Differences(identity, of).ToArray() is { Length: > 0 } differences)
                throw new InvalidOperationException($"The checkpoint '{path}' belongs to another run: {string.Join("; ", differences)}.");
            if (!search.TryRead(path, () => CheckpointFile.Restore(path, engine.State)))
                continue;
            engine.Resume(position.Step, position.BestLoss is not null);
            _saved = position.Step;
            channel.Info(MessageSensitivity.None, "{0}", $"Going on from step {position.Step} of the checkpoint '{path}'.");
            return position;
        }
        throw new InvalidOperationException($"All {search.Count} checkpoints in '{options.Folder}' are damaged or can not be read. Take an empty folder to begin anew.");
    }

    /// <summary>Keeps a checkpoint where one is due, and removes those that are too many. One that can not be written costs an interval, not the run: the older ones are still there.</summary>
    /// <param name="position">Where the run stands.</param>
    /// <param name="ends">Whether it ends here.</param>
    /// <returns>Why the checkpoint that is due could not be written; null where it was, or none is due.</returns>
    public Exception? Save(RunPosition position, bool ends)
    {
        if (position.Step == _saved || !(ends || position.Step % options.Every == 0))
            return null;
        try
        {
            Save(position);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            channel.Warning(MessageSensitivity.None, "{0}", $"The checkpoint of step {position.Step} could not be written to '{options.Folder}': {exception.Message}{(ends ? "" : " Training goes on; the next is tried in its turn.")}");
            return exception;
        }
    }

    private void Save(RunPosition position)
    {
        CheckpointFile.Write(search.PathOf(position.Step), position, identity, engine.State);
        _saved = position.Step;
        foreach (string old in search.Files().Skip(options.Keep))
            File.Delete(old);
    }
}
