using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// A trained denoiser. Adds the denoiser column (a vector of Single: the row's packed conditions; its annotation carries the denoiser to
/// guidance and sampler) and, where the noised and level columns are present, the denoised data: a vector of the data's shape, in its
/// units.
/// </summary>
/// <remarks>Thread safe. Owns a share of the model; <see cref="Dispose"/> gives it back.</remarks>
public sealed class DenoiserTransformer : RowTransformer, IDisposable
{
    private const string ConfigStream = "Config.json";

    private readonly UnknownValueRule _unknown;
    private readonly RowAgreement _agreement = new();
    private int _hasLogged;

    /// <summary>Wraps a model.</summary>
    /// <param name="environment">The environment, whose log it uses.</param>
    /// <param name="model">The model; this transformer takes over the caller's share.</param>
    /// <param name="columns">The names of its columns; as many conditions as the model has.</param>
    /// <param name="ancestors">The schemas that the training data came through, root first; none where unknown.</param>
    /// <param name="unknownValues">What becomes of values of conditions that the model does not know.</param>
    public DenoiserTransformer(
        IHostEnvironment environment, DenoiserModel model, DenoiserColumns columns, IReadOnlyList<DataViewSchema>? ancestors = null, UnknownValues unknownValues = UnknownValues.Error)
        : base(environment, nameof(DenoiserTransformer))
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(columns);
        Model = model;
        Release = model.Dispose;
        Columns = columns;
        Ancestors = ancestors ?? [];
        _unknown = new UnknownValueRule(unknownValues, message => Log.Warning(Host, message));
    }

    /// <summary>What was trained.</summary>
    public DenoiserSpec Spec => Model.Spec;

    /// <summary>The names of its columns.</summary>
    public DenoiserColumns Columns { get; }

    /// <summary>The model.</summary>
    public DenoiserModel Model { get; }

    /// <summary>What becomes of values of conditions that the model does not know.</summary>
    public UnknownValues UnknownValues => _unknown.Choice;

    /// <summary>The schemas that the training data came through, root first: by them a generator's own input is found.</summary>
    internal IReadOnlyList<DataViewSchema> Ancestors { get; }

    /// <summary>Gives the share of the model back.</summary>
    public void Dispose() => Lifetime.End();

    /// <summary>The same transformer of another model, of which it takes over the caller's share.</summary>
    internal DenoiserTransformer WithModel(IHostEnvironment environment, DenoiserModel model) => new(environment, model, Columns, Ancestors, UnknownValues);

    internal static DenoiserTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var config = reader.Json<Config>(ConfigStream);
        var (device, missing) = HostDevice.ForLoading(environment);
        if (config.Members < 1)
            throw new InvalidDataException($"it has {config.Members} sets of weights; at least 1 is needed");
        var weights = new List<FlatParameters>();
        try
        {
            for (int member = 0; member < config.Members; member++)
                weights.Add(reader.Read(WeightsStream(member), stream => DenoiserModelLoader.Parameters(config.Spec, stream, device)));
        }
        catch
        {
            foreach (var read in weights)
                read.Dispose();
            throw;
        }
        return new DenoiserTransformer(environment, DenoiserModelLoader.Load(config.Spec, weights), config.Columns, unknownValues: config.UnknownValues) { MissingDevice = missing };
    }

    private protected override void SaveModel(ModelSaveContext context)
    {
        var writer = new ModelWriter(context, ModelKind.Denoiser).Json(ConfigStream, new Config(Model.Spec, Columns, Model.Members, UnknownValues));
        for (int member = 0; member < Model.Members; member++)
            writer.Stream(WeightsStream(member), stream => Model.SaveMember(member, stream));
        writer.Finish();
    }

    private protected override RowMap Bind(DataViewSchema inputSchema)
    {
        var packer = new ConditionPacker(inputSchema, Columns.Conditions, Model.Spec.Conditions, _unknown, Columns.ConditionSources);
        // A model that was not trained here knows no such columns.
        if (Columns.Noised.Length == 0)
            return new DenoiserMap(Model, Columns, packer, UnknownValues, null, null, Lifetime, _agreement);
        var noised = inputSchema.GetColumnOrNull(Columns.Noised);
        var level = inputSchema.GetColumnOrNull(Columns.Level);
        if (noised is null || level is null)
        {
            if (Interlocked.Exchange(ref _hasLogged, 1) == 0)
                Log.Info(Host, $"The data has no column '{(noised is null ? Columns.Noised : Columns.Level)}': column '{Columns.Denoised}' is left out.");
            return new DenoiserMap(Model, Columns, packer, UnknownValues, null, null, Lifetime, _agreement);
        }
        noised = DataColumn.Check(inputSchema, Columns.Noised, Model.Spec.Shape);
        level = DataColumn.Check(inputSchema, Columns.Level, LevelColumn.Shape);
        return new DenoiserMap(Model, Columns, packer, UnknownValues, noised, level, Lifetime, _agreement);
    }

    private static string WeightsStream(int member) => member == 0 ? "Weights.safetensors" : FormattableString.Invariant($"Weights{member}.safetensors");

    private sealed record Config(DenoiserSpec Spec, DenoiserColumns Columns, int Members = 1, UnknownValues UnknownValues = UnknownValues.Error);
}
