using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>What decides the course of a run: a checkpoint goes on only in the same one.</summary>
internal static class RunIdentity
{
    // All other options count, new ones too.
    private static readonly HashSet<string> WithoutEffect =
    [
        nameof(DenoiserTrainer.Options.Checkpoint), nameof(DenoiserTrainer.Options.CancellationToken), nameof(DenoiserTrainer.Options.GpuDeviceId),
        nameof(DenoiserTrainer.Options.Progress), nameof(DenoiserTrainer.Options.ProgressInterval),
        nameof(DenoiserTrainer.Options.ValidationInterval), nameof(DenoiserTrainer.Options.ValidationRows),
        nameof(DenoiserTrainer.Options.DenoiserColumnName), nameof(DenoiserTrainer.Options.DenoisedColumnName),
    ];

    /// <summary>Names and values of what decides the course.</summary>
    /// <param name="task">What is trained.</param>
    /// <param name="options">How.</param>
    /// <param name="rows">The training data.</param>
    public static SortedDictionary<string, string> Of(TrainingTask task, DenoiserTrainer.Options options, SampleBuffer rows)
    {
        var identity = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var option in typeof(DenoiserTrainer.Options).GetProperties().Where(option => !WithoutEffect.Contains(option.Name)))
            identity[option.Name] = JsonSerializer.Serialize(option.GetValue(options), option.PropertyType, ModelJson.Options);
        // What the options leave open, as it was resolved.
        identity[nameof(options.Network)] = ModelJson.Write(task.Network);
        identity[nameof(options.Parameterization)] = ModelJson.Write(task.Parameterization);
        identity[nameof(options.Precision)] = ModelJson.Write(task.Precision);
        identity[nameof(options.Seed)] = ModelJson.Write(task.Seed);
        identity["forward process"] = ModelJson.Write(task.Process);
        identity["conditions"] = ModelJson.Write(task.Layout);
        identity["training data"] = FormattableString.Invariant($"{rows.Count} rows of shape {task.Shape}, sum {Sum(rows)}");
        return identity;
    }

    /// <summary>What differs between a run and a checkpoint, as sentences; none where they are of one course.</summary>
    public static IEnumerable<string> Differences(IReadOnlyDictionary<string, string> run, IReadOnlyDictionary<string, string> checkpoint)
        => from name in run.Keys.Union(checkpoint.Keys)
           let here = run.GetValueOrDefault(name, "unknown")
           let there = checkpoint.GetValueOrDefault(name, "unknown")
           where here != there
           select $"{name} is {Text(here)} here and {Text(there)} there";

    private static string Text(string value) => value == "null" ? "not set" : value;

    private static string Sum(SampleBuffer rows)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (long row = 0; row < rows.Count; row++)
        {
            hash.AppendData(MemoryMarshal.AsBytes(rows.Sample(row)));
            hash.AppendData(MemoryMarshal.AsBytes(rows.Conditions(row)));
        }
        return Convert.ToHexString(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
