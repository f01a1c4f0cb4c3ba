using System.Security.Cryptography;
using Microsoft.ML.Diffusion.Transforms;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>A denoiser to be trained.</summary>
/// <param name="Network">The architecture.</param>
/// <param name="Parameterization">What it predicts.</param>
/// <param name="Shape">The shape of a sample.</param>
/// <param name="Layout">What the packed conditions are.</param>
/// <param name="Process">The forward process.</param>
/// <param name="Device">Where to train.</param>
/// <param name="Precision">In which precision; Auto until a trial has told, before anything is allocated.</param>
/// <param name="Seed">The seed of the run.</param>
/// <param name="LevelInput">What the network is told about the noise level.</param>
/// <param name="Start">The denoiser whose weights are the first ones; null for random ones.</param>
/// <param name="Teacher">The denoiser that is distilled; null for none.</param>
internal sealed record DenoisingTask(
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
    : TrainingTask(Shape, Layout, Process, Device, Precision, Seed)
{
    /// <inheritdoc/>
    public override IReadOnlyList<Network> Networks => [Network];

    /// <inheritdoc/>
    public override IEnumerable<(string Name, string Value)> Identity
    {
        get
        {
            // What the options leave open, as it was resolved.
            yield return (nameof(Network), ModelJson.Write(Network));
            yield return (nameof(LevelInput), ModelJson.Write(LevelInput));
            yield return (nameof(Parameterization), ModelJson.Write(Parameterization));
            foreach (var (name, model) in new[] { (nameof(DenoiserTrainer.Options.StartFrom), Start), (nameof(DenoiserTrainer.Options.Teacher), Teacher) })
            {
                if (model is null)
                    continue;
                using var weights = WeightsOf(model);
                yield return (name, $"a model of sum {Convert.ToHexString(SHA256.HashData(weights).AsSpan(0, 8))}");
            }
        }
    }

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

    /// <summary>A denoiser with parameters, which it takes over.</summary>
    public NetworkDenoiser Bind(FlatParameters parameters) => new(Network, Shape, Parameterization, parameters, Layout, LevelInput);

    /// <summary>The batches to learn from.</summary>
    /// <param name="rows">The training data.</param>
    /// <param name="options">How to train.</param>
    public BatchSource Batches(SampleBuffer rows, DenoiserTrainer.Options options)
        => new(rows, Shape, Layout, Process, Seed, options.BatchSize, options.ConditionDropout, options.OffsetNoise, options.HorizontalFlips, options.Augmentation, options.Pairing,
            options.ConditionDropouts is { } dropouts ? [.. Layout.Slots.Select(slot => dropouts.GetValueOrDefault(slot.Name))] : null);

    /// <summary>The batches to validate on.</summary>
    /// <param name="rows">The validation data.</param>
    /// <param name="options">How to train.</param>
    public BatchSource ValidationBatches(SampleBuffer rows, DenoiserTrainer.Options options)
        => new(rows, Shape, Layout, Process, ValidationSeed, options.BatchSize, conditionDropout: 0, options.OffsetNoise, pairing: options.Pairing);

    // The weights of a model, as a file that is gone when it is closed.
    private static FileStream WeightsOf(DenoiserModel model)
    {
        var stream = NamelessFile.Open();
        model.SaveWeights(stream);
        stream.Position = 0;
        return stream;
    }
}
