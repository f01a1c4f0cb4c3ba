using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// Replaces the denoiser of a column by a guided one, and appends the guidance's own inputs to the packed conditions of each row. The weights of the
/// guidance's networks, such as a classifier's, are saved with it.
/// </summary>
/// <remarks>Thread safe. Holds a share of each network of the guidance; <see cref="Dispose"/> gives it back.</remarks>
public sealed class GuidanceTransformer : RowTransformer, IDisposable
{
    private const string ConfigStream = "Config.json";

    private readonly GuidanceConfig _config;
    private UnknownValueRule? _unknown;
    private int _hasLogged;
    private int _hasWarned;

    /// <summary>A guidance with its columns.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="config">The guidance.</param>
    /// <param name="networks">The guidance's networks, which this takes over.</param>
    internal GuidanceTransformer(IHostEnvironment environment, GuidanceConfig config, OwnedNetworks networks)
        : base(environment, nameof(GuidanceTransformer))
    {
        _config = config;
        foreach (var script in config.Guidance.Scripts)
            script.Hold();
        Release = () =>
        {
            networks.Dispose();
            foreach (var script in config.Guidance.Scripts)
                script.LetGo();
        };
    }

    /// <summary>The guidance.</summary>
    public IGuidance Guidance => _config.Guidance;

    /// <summary>Gives the shares of the guidance's networks back.</summary>
    public void Dispose() => Lifetime.End();

    internal static GuidanceTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var (device, missing) = HostDevice.ForLoading(environment);
        var config = reader.JsonWithWeights<GuidanceConfig>(ConfigStream, device);
        return new GuidanceTransformer(environment, config, new OwnedNetworks(config.Networks)) { MissingDevice = missing };
    }

    private protected override void SaveModel(ModelSaveContext context)
        => new ModelWriter(context, ModelKind.Guidance).JsonWithWeights(ConfigStream, _config).Finish();

    private protected override RowMap Bind(DataViewSchema inputSchema)
    {
        var handle = DenoiserHandle.Get(inputSchema, _config.DenoiserColumn);
        if (_config.Codec is { } codec && ModelJson.Write(codec) != ModelJson.Write(handle.Spec.Codec))
            throw SchemaErrors.Unusable($"{_config.Guidance.GetType().Name} was trained on data in another model space ({ModelJson.Write(codec)}) than the denoiser in column '{_config.DenoiserColumn}' ({ModelJson.Write(handle.Spec.Codec)}): train both behind one fitted noise schedule.");
        var inputs = GuidanceBinding.InputsFor(_config, handle.Spec);
        WarnOfDropout(handle.Spec);
        // The denoiser's choice holds for what guides it too.
        var unknown = _unknown is { } known && known.Choice == handle.UnknownValues ? known : _unknown = new UnknownValueRule(handle.UnknownValues, message => Log.Warning(Host, message));
        var roles = inputs.Select(input => _config.Columns.FirstOrDefault(column => column.Input == input.Name) is { } column && Has(inputSchema, column)
            ? GuidanceBinding.RoleOf(input, column, _config.Embedding, unknown)
            : null).ToArray();
        return new GuidanceMap(handle, _config, inputSchema, inputs, roles, Lifetime);
    }

    // At Fit, and when a loaded model is first used.
    private void WarnOfDropout(DenoiserSpec spec)
    {
        string[] conditions = [.. spec.Conditions.Slots.Where(slot => slot.ComesFromData).Select(slot => slot.Name)];
        if (spec.Dropout is not { } dropout || conditions.Length == 0 || _config.Guidance.LeftOut(conditions).FirstOrDefault(left => !dropout.Covers(left, conditions)) is not { } unseen)
            return;
        if (Interlocked.Exchange(ref _hasWarned, 1) != 0)
            return;
        bool all = unseen.Count == conditions.Length;
        string missing = all ? "any condition" : string.Join(" and ", unseen.Select(name => $"'{name}'"));
        string cure = all ? "ConditionDropout = 0.1" : $"ConditionDropouts for {missing}";
        Log.Warning(Host, $"The guidance asks the model for rows without {missing}, which training never left out{(all ? "" : " alone")}: answers to such rows mean nothing unless the training data had some, and samples get worse with the scale. Train with {cure}, or guide with d.Transforms.Autoguidance, which needs no dropout.");
    }

    /// <summary>The columns of keys, and what their keys are.</summary>
    /// <param name="spec">The denoiser that is guided.</param>
    internal IEnumerable<(GuidanceColumn Column, KeyCondition Keys)> KeyColumns(DenoiserSpec spec)
    {
        foreach (var input in GuidanceBinding.InputsFor(_config, spec))
            if (_config.Columns.FirstOrDefault(column => column.Input == input.Name) is { } column
                && (input.Name == _config.Embedding?.Input ? _config.Embedding.Encoder.Layout.Slots[0] : input.Condition) is KeyCondition keys)
                yield return (column, keys);
    }

    private bool Has(DataViewSchema schema, GuidanceColumn column)
    {
        if (schema.GetColumnOrNull(column.Column) is not null)
            return true;
        if (Interlocked.Exchange(ref _hasLogged, 1) == 0)
            Log.Info(Host, $"The data has no column '{column.Column}': every row takes the default of '{column.Input}'.");
        return false;
    }
}
