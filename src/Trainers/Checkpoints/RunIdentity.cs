using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>What decides the course of a run: a checkpoint goes on only in the same one.</summary>
internal static class RunIdentity
{
    private const int LongestValue = 1000;

    // All other options count, new ones too.
    private static readonly HashSet<string> WithoutEffect =
    [
        nameof(TrainerOptions.Checkpoint), nameof(TrainerOptions.CancellationToken), nameof(TrainerOptions.GpuDeviceId),
        // What it makes of the data is told by the data itself.
        nameof(TrainerOptions.UnknownValues),
        nameof(TrainerOptions.Progress), nameof(TrainerOptions.OnProgress), nameof(TrainerOptions.ProgressInterval),
        nameof(TrainerOptions.MetricsFolder), nameof(DenoiserTrainer.Options.Samples),
        nameof(DenoiserTrainer.Options.DenoiserColumnName), nameof(DenoiserTrainer.Options.DenoisedColumnName),
        nameof(NoisyClassifierTrainer.Options.PredictedLabelColumnName), nameof(NoisyClassifierTrainer.Options.ScoreColumnName),
        nameof(ContrastiveTrainer.Options.DataEmbeddingColumnName), nameof(ContrastiveTrainer.Options.ConditionEmbeddingColumnName),
        // Told by the weights in them.
        nameof(DenoiserTrainer.Options.StartFrom), nameof(DenoiserTrainer.Options.Teacher),
    ];

    private static readonly HashSet<string> OfValidation = [nameof(TrainerOptions.ValidationInterval), nameof(TrainerOptions.ValidationRows)];

    /// <summary>Names and values of the options that decide the course.</summary>
    /// <param name="options">How to train.</param>
    /// <exception cref="ArgumentException">An option is of an own class that can not be compared; names both.</exception>
    public static IReadOnlyDictionary<string, string> OfOptions(TrainerOptions options)
        => options.GetType().GetProperties().Where(option => !WithoutEffect.Contains(option.Name) && (options.NeedsValidation || !OfValidation.Contains(option.Name)))
            .ToDictionary(option => option.Name, option => Describe(option.GetValue(options), option));

    /// <summary>Names and values of what decides the course.</summary>
    /// <param name="task">What is trained.</param>
    /// <param name="options">How.</param>
    /// <param name="rows">The training data.</param>
    /// <param name="validation">The validation data; null for none. It counts where it decides what becomes of the run.</param>
    /// <param name="parts">In how many parts a batch is computed.</param>
    public static SortedDictionary<string, string> Of(TrainingTask task, TrainerOptions options, SampleBuffer rows, SampleBuffer? validation, int parts)
    {
        var identity = new SortedDictionary<string, string>(OfOptions(options).ToDictionary(), StringComparer.Ordinal);
        // What the options leave open, as it was resolved.
        identity[nameof(options.Precision)] = $"{task.Precision}";
        identity[nameof(options.BatchParts)] = parts.ToString(CultureInfo.InvariantCulture);
        identity[nameof(options.Seed)] = ModelJson.Write(task.Seed);
        identity["forward process"] = ModelJson.Write(task.Process);
        identity["conditions"] = ModelJson.Write(task.Layout);
        identity["training data"] = Describe(rows, task);
        if (options.NeedsValidation && validation is not null)
            identity["validation data"] = Describe(validation, task);
        foreach (var (name, value) in task.Identity)
            identity[name] = value;
        foreach (string name in identity.Keys.ToArray())
            identity[name] = Short(identity[name]);
        return identity;
    }

    private static string Describe(object? value, PropertyInfo option)
    {
        try
        {
            return JsonSerializer.Serialize(value, option.PropertyType, ModelJson.Options);
        }
        catch (NotSupportedException) when (value is not null)
        {
            return new OwnKinds(option.Name).Describe(value);
        }
    }

    // A network that holds a file is told by its sum, in what is written with every checkpoint.
    private static string Short(string value)
        => value.Length <= LongestValue ? value : $"{value[..LongestValue]}… of sum {Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(value)).AsSpan(0, 8))}";

    /// <summary>In how many parts a run that is gone on with computes a batch; null where its checkpoint does not say.</summary>
    /// <param name="identity">The identity in its checkpoint; null for none.</param>
    public static int? PartsOf(IReadOnlyDictionary<string, string>? identity)
        => int.TryParse(identity?.GetValueOrDefault(nameof(TrainerOptions.BatchParts)), NumberStyles.None, CultureInfo.InvariantCulture, out int parts) && parts >= 1 ? parts : null;

    /// <summary>The precision of a run that is gone on with; null where its checkpoint does not say.</summary>
    /// <inheritdoc cref="PartsOf" path="/param"/>
    public static Precision? PrecisionOf(IReadOnlyDictionary<string, string>? identity)
        => Enum.TryParse(identity?.GetValueOrDefault(nameof(TrainerOptions.Precision)), out Precision precision) && precision is Precision.Float32 or Precision.BFloat16 ? precision : null;

    /// <summary>What differs between a run and a checkpoint, as sentences; none where they are of one course.</summary>
    public static IEnumerable<string> Differences(IReadOnlyDictionary<string, string> run, IReadOnlyDictionary<string, string> checkpoint)
        => from name in run.Keys.Union(checkpoint.Keys)
           let here = run.GetValueOrDefault(name, "unknown")
           let there = checkpoint.GetValueOrDefault(name, "unknown")
           where here != there
           select $"{name} is {Text(here)} here and {Text(there)} there";

    private static string Text(string value) => value == "null" ? "not set" : value;

    private static string Describe(SampleBuffer rows, TrainingTask task) => FormattableString.Invariant($"{rows.Count} rows of shape {task.Shape}, sum {Sum(rows)}");

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
