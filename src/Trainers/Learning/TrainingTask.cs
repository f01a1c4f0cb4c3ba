using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>What is to be trained: everything that a run needs beside data and options, resolved.</summary>
/// <param name="Shape">The shape of a sample.</param>
/// <param name="Layout">What the packed conditions are.</param>
/// <param name="Process">The forward process.</param>
/// <param name="Device">Where to train.</param>
/// <param name="Precision">In which precision; Auto until a trial has told, before anything is allocated.</param>
/// <param name="Seed">The seed of the run.</param>
internal abstract record TrainingTask(DataShape Shape, ConditionLayout Layout, IForwardProcess Process, Device Device, Precision Precision, ulong Seed)
{
    // Validation draws other numbers than training, and no condition is dropped.
    private const ulong ValidationMark = 0x56414C49;

    /// <summary>The networks whose weights are trained; at least one.</summary>
    public abstract IReadOnlyList<Network> Networks { get; }

    /// <summary>Names and values of what decides the course of the run beside the options and the members of this class.</summary>
    public abstract IEnumerable<(string Name, string Value)> Identity { get; }

    /// <summary>The seed of the batches to validate on.</summary>
    protected ulong ValidationSeed => Seed ^ ValidationMark << 32;

    /// <summary>The batches to learn from.</summary>
    /// <param name="rows">The training data.</param>
    /// <param name="options">How to train.</param>
    public BatchSource PlainBatches(SampleBuffer rows, TrainerOptions options)
        => new(rows, Shape, Layout, Process, Seed, options.BatchSize, conditionDropout: 0, flips: options.HorizontalFlips);

    /// <summary>The batches to validate on.</summary>
    /// <param name="rows">The validation data.</param>
    /// <param name="options">How to train.</param>
    public BatchSource PlainValidationBatches(SampleBuffer rows, TrainerOptions options)
        => new(rows, Shape, Layout, Process, ValidationSeed, options.BatchSize, conditionDropout: 0);
}
