using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>A classifier of noisy data to be trained.</summary>
/// <param name="Network">The architecture, which answers with logits.</param>
/// <param name="LevelInput">What it is told about the noise level.</param>
/// <param name="DataScale">σ_data, the standard deviation of the data in model space.</param>
/// <param name="Shape">The shape of a sample.</param>
/// <param name="Layout">The label, as the one condition.</param>
/// <param name="Process">The forward process.</param>
/// <param name="Device">Where to train.</param>
/// <param name="Precision">In which precision; Auto until a trial has told, before anything is allocated.</param>
/// <param name="Seed">The seed of the run.</param>
internal sealed record ClassifyingTask(
    Network Network, LevelInput LevelInput, double DataScale, DataShape Shape, ConditionLayout Layout, IForwardProcess Process, Device Device, Precision Precision, ulong Seed)
    : TrainingTask(Shape, Layout, Process, Device, Precision, Seed)
{
    /// <inheritdoc/>
    public override IReadOnlyList<Network> Networks => [Network];

    /// <inheritdoc/>
    public override IEnumerable<(string Name, string Value)> Identity
        => [(nameof(Network), ModelJson.Write(Network)), (nameof(LevelInput), ModelJson.Write(LevelInput)), ("scale of the data", ModelJson.Write(DataScale))];

    /// <summary>The parameters at the start of the run.</summary>
    public FlatParameters FirstWeights() => FlatParameters.Create(Network.ListParameters(Shape, ConditionLayout.Empty), Seed, Device, Precision, trainable: true);

    /// <summary>The network with parameters, which it takes over.</summary>
    public NoisyNetwork Bind(FlatParameters parameters) => new(new TrainedNetwork(Network, Shape, ConditionLayout.Empty, parameters), DataScale, LevelInput, Process.Schedule.RatioRange.Smallest);
}
