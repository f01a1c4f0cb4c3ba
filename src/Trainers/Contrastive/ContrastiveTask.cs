using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>A pair of encoders to be trained. All parameters lie in one buffer: those of the data's network, those of the conditions', and the factor of the cosines.</summary>
/// <param name="Data">The architecture of the data's encoder.</param>
/// <param name="Condition">The architecture of the conditions' encoder.</param>
/// <param name="LevelInput">What the data's encoder is told about the noise level.</param>
/// <param name="DataScale">σ_data, the standard deviation of the data in model space.</param>
/// <param name="Shape">The shape of a sample.</param>
/// <param name="Layout">What the packed conditions are.</param>
/// <param name="Process">The forward process.</param>
/// <param name="Device">Where to train.</param>
/// <param name="Precision">In which precision; Auto until a trial has told, before anything is allocated.</param>
/// <param name="Seed">The seed of the run.</param>
internal sealed record ContrastiveTask(
    Network Data, Network Condition, LevelInput LevelInput, double DataScale, DataShape Shape, ConditionLayout Layout, IForwardProcess Process, Device Device, Precision Precision, ulong Seed)
    : TrainingTask(Shape, Layout, Process, Device, Precision, Seed)
{
    private readonly IReadOnlyList<NetworkParameter> _data = Data.ListParameters(Shape, ConditionLayout.Empty);
    private readonly IReadOnlyList<NetworkParameter> _condition = Condition.ListParameters(TrainedConditionEncoder.NoSample, Layout);

    /// <inheritdoc/>
    public override IReadOnlyList<Network> Networks => [Data, Condition];

    /// <inheritdoc/>
    public override IEnumerable<(string Name, string Value)> Identity =>
    [
        (nameof(ContrastiveTrainer.Options.DataEncoder), ModelJson.Write(Data)), (nameof(ContrastiveTrainer.Options.ConditionEncoder), ModelJson.Write(Condition)),
        (nameof(LevelInput), ModelJson.Write(LevelInput)), ("scale of the data", ModelJson.Write(DataScale)),
    ];

    /// <summary>The index of the factor's logarithm among the parameters.</summary>
    public int LogScale => _data.Count + _condition.Count;

    /// <summary>The parameters at the start of the run.</summary>
    public FlatParameters FirstWeights() => FlatParameters.Create(
        [.. _data.Select(parameter => parameter.Under("data")), .. _condition.Select(parameter => parameter.Under("condition")), new NetworkParameter("logit_scale", [1], new Initializer(ContrastiveLoss.FirstLogScale, 0, false))],
        Seed, Device, Precision, trainable: true);

    /// <summary>The data's encoder with its part of the parameters.</summary>
    /// <param name="weights">All parameters.</param>
    /// <param name="isCopy">Whether the encoder has a copy of them, Float32.</param>
    public NoisyEncoder DataEncoder(FlatParameters weights, bool isCopy = false)
        => new(new NoisyNetwork(new TrainedNetwork(Data, Shape, ConditionLayout.Empty, PartOf(weights, 0, _data, isCopy)), DataScale, LevelInput, Process.Schedule.RatioRange.Smallest));

    /// <summary>The conditions' encoder with its part of the parameters.</summary>
    /// <inheritdoc cref="DataEncoder" path="/param"/>
    public TrainedConditionEncoder ConditionEncoder(FlatParameters weights, bool isCopy = false)
        => new(new TrainedNetwork(Condition, TrainedConditionEncoder.NoSample, Layout, PartOf(weights, _data.Count, _condition, isCopy)));

    /// <summary>The factor of the cosines.</summary>
    public double Scale(FlatParameters weights)
    {
        Span<float> logarithm = stackalloc float[1];
        weights.Read(LogScale, logarithm);
        return Math.Min(ContrastiveLoss.LargestScale, Math.Exp(logarithm[0]));
    }

    private static FlatParameters PartOf(FlatParameters weights, int first, IReadOnlyList<NetworkParameter> inventory, bool isCopy)
        => isCopy ? weights.CopyPart(first, inventory) : weights.Part(first, inventory);
}
