using Microsoft.ML.Diffusion.Transforms;
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
/// <param name="LevelInput">What the network is told about the noise level.</param>
/// <param name="Start">The denoiser whose weights are the first ones; null for random ones.</param>
/// <param name="Teacher">The denoiser that is distilled; null for none.</param>
internal sealed record TrainingTask(
    Network Network,
    Parameterization Parameterization,
    DataShape Shape,
    ConditionLayout Layout,
    IForwardProcess Process,
    Device Device,
    Precision Precision,
    ulong Seed,
    LevelInput LevelInput,
    DenoiserModel? Start = null,
    DenoiserModel? Teacher = null)
{
    // Validation draws other numbers than training, and no condition is dropped.
    private const ulong ValidationSeed = 0x56414C49;

    /// <summary>The parameters at the start of the run.</summary>
    /// <exception cref="ArgumentException">Those to start from are not the network's; names the first that differs.</exception>
    public FlatParameters FirstWeights()
    {
        var inventory = Network.ListParameters(Shape, Layout);
        if (Start is null)
            return FlatParameters.Create(inventory, Seed, Device, Precision, trainable: true);
        using var stream = WeightsOf(Start);
        try
        {
            return SafetensorsParameters.Load(stream, inventory, Device, Precision, trainable: true);
        }
        catch (InvalidDataException exception)
        {
            throw new ArgumentException($"Training can not start from the model of the option {nameof(DenoiserTrainer.Options.StartFrom)}. {exception.Message}", exception);
        }
    }

    /// <summary>The weights of a model, as a file that is gone when it is closed.</summary>
    /// <param name="model">The model.</param>
    public static Stream WeightsOf(DenoiserModel model)
    {
        var stream = new FileStream(Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        model.SaveWeights(stream);
        stream.Position = 0;
        return stream;
    }

    /// <summary>The batches to learn from.</summary>
    /// <param name="rows">The training data.</param>
    /// <param name="options">How to train.</param>
    public BatchSource Batches(SampleBuffer rows, DenoiserTrainer.Options options)
        => new(rows, Shape, Layout, Process, Seed, options.BatchSize, options.ConditionDropout, options.OffsetNoise, options.HorizontalFlips, options.Augmentation, options.Pairing);

    /// <summary>The batches to validate on.</summary>
    /// <param name="rows">The validation data.</param>
    /// <param name="options">How to train.</param>
    public BatchSource ValidationBatches(SampleBuffer rows, DenoiserTrainer.Options options)
        => new(rows, Shape, Layout, Process, Seed ^ ValidationSeed << 32, options.BatchSize, conditionDropout: 0, options.OffsetNoise, pairing: options.Pairing);
}
