using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// Replaces the denoiser of a column by a guided one, and appends the guidance's own inputs to the packed conditions of each row. Holds no weights.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class GuidanceTransformer : RowTransformer
{
    private const string ConfigStream = "Config.json";

    private readonly GuidanceConfig _config;
    private int _hasLogged;

    internal GuidanceTransformer(IHostEnvironment environment, GuidanceConfig config)
        : base(environment, nameof(GuidanceTransformer))
    {
        _config = config;
    }

    /// <summary>The guidance.</summary>
    public IGuidance Guidance => _config.Guidance;

    internal static GuidanceTransformer Load(IHostEnvironment environment, ModelReader reader)
        => new(environment, reader.Json<GuidanceConfig>(ConfigStream));

    private protected override void SaveModel(ModelSaveContext context)
        => new ModelWriter(context, ModelKind.Guidance).Json(ConfigStream, _config).Finish();

    private protected override RowMap Bind(DataViewSchema inputSchema)
    {
        var handle = DenoiserHandle.Get(inputSchema, _config.DenoiserColumn);
        string guidance = _config.Guidance.GetType().Name;
        if (_config.NeedsConditions && !handle.Spec.Conditions.Slots.Any(slot => slot.ComesFromData))
            throw SchemaErrors.Unusable($"{guidance} needs a conditional model, but the denoiser in column '{_config.DenoiserColumn}' was trained without condition columns. Name one in d.Trainers.Denoiser(column, conditionColumn), or leave the guidance out.");
        if (handle.Layout.Slots.Count != _config.FirstSlot)
            throw SchemaErrors.Unusable($"{guidance} was fitted behind {_config.FirstSlot} conditions and guidance inputs, but there are {handle.Layout.Slots.Count} in column '{_config.DenoiserColumn}'. Fit it again.");
        var columns = _config.Inputs.Select(input => Find(inputSchema, input)).ToArray();
        return new GuidanceMap(handle, _config, inputSchema[_config.DenoiserColumn], columns);
    }

    private DataViewSchema.Column? Find(DataViewSchema schema, GuidanceColumn input)
    {
        if (schema.GetColumnOrNull(input.Column) is { } column)
        {
            GuidanceInputs.Check(column, input);
            return column;
        }
        if (Interlocked.Exchange(ref _hasLogged, 1) == 0)
            Log.Info(Host, $"The data has no column '{input.Column}': every row takes the default of {input.Input.Name.ToLowerInvariant()}.");
        return null;
    }
}
