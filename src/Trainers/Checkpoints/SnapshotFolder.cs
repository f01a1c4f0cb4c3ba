using System.Globalization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>The stored averages of one run: <c>average-000001000-0.05.safetensors</c> and so on.</summary>
internal sealed class SnapshotFolder
{
    private const string Step = "step", Length = "length";

    private readonly AverageSnapshots _options;
    private readonly TrainingEngine _engine;
    private readonly string _kind;
    private readonly IChannel _channel;

    /// <summary>Makes the folder ready, before hours of training are lost.</summary>
    /// <param name="options">Where, and which.</param>
    /// <param name="engine">Whose averages are stored.</param>
    /// <param name="kind">The kind of the network.</param>
    /// <param name="resumes">Whether the run may go on from a checkpoint.</param>
    /// <param name="channel">Is told what is not written.</param>
    /// <exception cref="IOException">The folder can not be made.</exception>
    /// <exception cref="InvalidOperationException">The folder holds the snapshots of another run.</exception>
    public SnapshotFolder(AverageSnapshots options, TrainingEngine engine, string kind, bool resumes, IChannel channel)
    {
        (_options, _engine, _kind, _channel) = (options, engine, kind, channel);
        try
        {
            DurableFolder.Create(options.Folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"Averages can not be stored in the folder '{options.Folder}': {WriteFailure.Reason(exception)}", exception);
        }
        if (!resumes && Files(options.Folder).Length > 0)
            throw new InvalidOperationException($"The folder '{options.Folder}' already holds averages. Take an empty folder.");
    }

    /// <summary>The files of a folder.</summary>
    public static string[] Files(string folder) => [.. Directory.EnumerateFiles(folder, "average-*.safetensors").Order(StringComparer.Ordinal)];

    /// <summary>When the average of a file was taken, and its length.</summary>
    /// <param name="metadata">The metadata of the file.</param>
    /// <exception cref="InvalidDataException">They are missing.</exception>
    public static (double Step, double Length) Describe(IReadOnlyDictionary<string, string> metadata)
        => double.TryParse(metadata.GetValueOrDefault(Step), CultureInfo.InvariantCulture, out double step) && double.TryParse(metadata.GetValueOrDefault(Length), CultureInfo.InvariantCulture, out double length)
            ? (step, length)
            : throw new InvalidDataException($"The file does not say the {Step} and {Length} of its average.");

    /// <summary>Stores the averages where a snapshot is due.</summary>
    /// <param name="step">The number of steps done.</param>
    /// <param name="ends">Whether the run ends here.</param>
    /// <returns>Why the averages that are due could not be written; null where they were, or none are due.</returns>
    public Exception? Save(long step, bool ends)
    {
        if (!ends && step % _options.Every != 0)
            return null;
        try
        {
            Save(step);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _channel.Warning(MessageSensitivity.None, "{0}", $"The averages of step {step} could not be written to '{_options.Folder}': {exception.Message}{(ends ? "" : " Training goes on without them.")}");
            return exception;
        }
    }

    private void Save(long step)
    {
        for (int i = 0; i < _options.Lengths.Count; i++)
        {
            string length = _options.Lengths[i].ToString("r", CultureInfo.InvariantCulture);
            using var average = _engine.StoredAverage(i);
            var metadata = new Dictionary<string, string> { ["format"] = "pt", ["network"] = _kind, [Step] = step.ToString(CultureInfo.InvariantCulture), [Length] = length };
            AtomicFile.Write(Path.Combine(_options.Folder, $"average-{step:d9}-{length}.safetensors"), stream => average.SaveSafetensors(stream, metadata: metadata));
        }
    }
}
