using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>What is to be trained: everything that a run needs beside data and options, resolved.</summary>
/// <param name="Network">The architecture.</param>
/// <param name="Parameterization">What it predicts.</param>
/// <param name="Shape">The shape of a sample.</param>
/// <param name="Layout">What the packed conditions are.</param>
/// <param name="Process">The forward process.</param>
/// <param name="Device">Where to train.</param>
/// <param name="Precision">In which precision; not Auto.</param>
/// <param name="Seed">The seed of the run.</param>
internal sealed record TrainingTask(
    Network Network,
    Parameterization Parameterization,
    DataShape Shape,
    ConditionLayout Layout,
    IForwardProcess Process,
    Device Device,
    Precision Precision,
    ulong Seed)
{
    // Validation draws other numbers than training, and no condition is dropped.
    private const ulong ValidationSeed = 0x56414C49;

    /// <summary>The batches to learn from.</summary>
    /// <param name="rows">The training data.</param>
    /// <param name="options">How to train.</param>
    public BatchSource Batches(SampleBuffer rows, DenoiserTrainer.Options options)
        => new(rows, Shape, Layout, Process, Seed, options.BatchSize, options.ConditionDropout);

    /// <summary>The batches to validate on.</summary>
    /// <param name="rows">The validation data.</param>
    /// <param name="options">How to train.</param>
    public BatchSource ValidationBatches(SampleBuffer rows, DenoiserTrainer.Options options)
        => new(rows, Shape, Layout, Process, Seed ^ ValidationSeed << 32, options.BatchSize, conditionDropout: 0);
}
