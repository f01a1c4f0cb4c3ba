using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// A trained classifier of noisy data. Adds ML.NET's usual columns, the likeliest label (a key of the label's values) and the score (a
/// vector of Single: the probability of each label), where the
/// noised and level columns are present, or else the data column, which it takes for clean.
/// </summary>
/// <remarks>Thread safe. Owns a share of the classifier's networks; <see cref="Dispose"/> gives it back.</remarks>
public sealed class ClassifierTransformer : RowTransformer, IDisposable
{
    private const string ConfigStream = "Config.json";

    private readonly ClassifierConfig _config;
    private readonly OwnedNetworks _networks;
    private readonly RowAgreement _agreement = new();
    private int _hasLogged;

    internal ClassifierTransformer(IHostEnvironment environment, ClassifierConfig config)
        : base(environment, nameof(ClassifierTransformer))
    {
        _config = config;
        _networks = new OwnedNetworks(config.Classifier.Networks);
        Release = _networks.Dispose;
    }

    /// <summary>
    /// The classifier, for guidance: p(y | x) at every noise level. It is used as long as this transformer is not disposed, or by those
    /// who hold shares of its networks.
    /// </summary>
    public IClassifier Classifier => _config.Classifier;

    /// <summary>The noisy data that it was trained on.</summary>
    public NoisyDataSpec Spec => _config.Spec;

    /// <summary>The names of its columns.</summary>
    public ClassifierColumns Columns => _config.Columns;

    /// <summary>The values of the labels, as text, in the order of the classes; none where they are unknown.</summary>
    public IReadOnlyList<string> Labels => _config.Classifier.Labels?.Values ?? [];

    /// <summary>Gives the share of the networks back.</summary>
    public void Dispose() => Lifetime.End();

    internal static ClassifierTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var (device, missing) = HostDevice.ForLoading(environment);
        return new ClassifierTransformer(environment, reader.JsonWithWeights<ClassifierConfig>(ConfigStream, device)) { MissingDevice = missing };
    }

    private protected override void SaveModel(ModelSaveContext context) => new ModelWriter(context, ModelKind.Classifier).JsonWithWeights(ConfigStream, _config).Finish();

    private protected override RowMap Bind(DataViewSchema inputSchema)
    {
        var columns = _config.Columns;
        if (NoisySource.Find(inputSchema, Spec.Shape, columns.Data, columns.Noised, columns.Level) is { } source)
            return new ClassifierMap(_config, _networks.Device, source, _agreement);
        if (Interlocked.Exchange(ref _hasLogged, 1) == 0)
            Log.Info(Host, $"The data has neither the columns '{columns.Noised}' and '{columns.Level}' nor the column '{columns.Data}': columns '{columns.PredictedLabel}' and '{columns.Score}' are left out.");
        return NoMap.Instance;
    }
}
