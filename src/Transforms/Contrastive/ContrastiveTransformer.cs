using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// A trained pair of encoders, of data and of its conditions, into one space, in which a sample lies close to its own conditions. Adds
/// the vector of the data (of the noised column where it is there
/// with its level, else of the data column, which it takes for clean) and that of the conditions: vectors of Single of length 1, whose
/// dot product is their similarity. A row without
/// conditions has a vector of NaN.
/// </summary>
/// <remarks>Thread safe. Owns a share of both networks; <see cref="Dispose"/> gives it back.</remarks>
public sealed class ContrastiveTransformer : RowTransformer, IDisposable
{
    private const string ConfigStream = "Config.json";

    private readonly ContrastiveConfig _config;
    private readonly OwnedNetworks _networks;
    private readonly UnknownValueRule _unknown;
    private readonly RowAgreement _agreement = new();
    private int _hasLogged;

    internal ContrastiveTransformer(IHostEnvironment environment, ContrastiveConfig config)
        : base(environment, nameof(ContrastiveTransformer))
    {
        _config = config;
        _unknown = new UnknownValueRule(config.UnknownValues, message => Log.Warning(Host, message));
        _networks = new OwnedNetworks([.. config.DataEncoder.Networks, config.ConditionEncoder.Trained]);
        Release = _networks.Dispose;
    }

    /// <summary>
    /// The encoder of the data, for guidance. It is used as long as this transformer is not disposed, or by those who hold shares of its
    /// networks.
    /// </summary>
    public IEncoder DataEncoder => _config.DataEncoder;

    /// <summary>The encoder of the conditions, in the same space.</summary>
    public TrainedConditionEncoder ConditionEncoder => _config.ConditionEncoder;

    /// <summary>
    /// The factor of the cosines that training learned, at most <see cref="ContrastiveLoss.LargestScale"/>: the softmax of so many times
    /// the similarities is the probability of each.
    /// </summary>
    public double Scale => _config.Scale;

    /// <summary>The noisy data that they were trained on.</summary>
    public NoisyDataSpec Spec => _config.Spec;

    /// <summary>The names of its columns.</summary>
    public ContrastiveColumns Columns => _config.Columns;

    /// <summary>Gives the share of the networks back.</summary>
    public void Dispose() => Lifetime.End();

    internal static ContrastiveTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var (device, missing) = HostDevice.ForLoading(environment);
        return new ContrastiveTransformer(environment, reader.JsonWithWeights<ContrastiveConfig>(ConfigStream, device)) { MissingDevice = missing };
    }

    private protected override void SaveModel(ModelSaveContext context) => new ModelWriter(context, ModelKind.Contrastive).JsonWithWeights(ConfigStream, _config).Finish();

    private protected override RowMap Bind(DataViewSchema inputSchema)
    {
        var columns = _config.Columns;
        var source = NoisySource.Find(inputSchema, Spec.Shape, columns.Data, columns.Noised, columns.Level);
        bool hasConditions = columns.Conditions.All(name => inputSchema.GetColumnOrNull(name) is not null);
        if ((source is null || !hasConditions) && Interlocked.Exchange(ref _hasLogged, 1) == 0)
            Log.Info(Host, $"The data has no {(source is null ? $"column '{columns.Data}'" : $"columns {string.Join(", ", columns.Conditions.Select(name => $"'{name}'"))}")}: column '{(source is null ? columns.DataEmbedding : columns.ConditionEmbedding)}' is left out.");
        var packer = hasConditions ? new ConditionPacker(inputSchema, columns.Conditions, _config.ConditionEncoder.Layout, _unknown, columns.ConditionSources) : null;
        return new ContrastiveMap(_config, _networks.Device, source, packer, _agreement);
    }
}
