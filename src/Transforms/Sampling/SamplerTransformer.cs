using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// Adds samples: vectors of the training data's shape, in its units. Nothing is sampled before it is read, so that a column nobody reads costs
/// nothing. Holds no weights.
/// </summary>
/// <remarks>
/// Thread safe. A sample depends on the seed, the row's own seed (or id) and its conditions alone: it is bit-identical whatever the number and order of
/// rows. Between batch sizes samples agree to the rounding of single precision; a prediction engine samples one row at a time.
/// </remarks>
public sealed class SamplerTransformer : RowTransformer
{
    private const string ConfigStream = "Config.json";

    private readonly SamplerConfig _config;
    private readonly IProgress<SamplingProgress>? _progress;

    internal SamplerTransformer(IHostEnvironment environment, SamplerConfig config, IProgress<SamplingProgress>? progress)
        : base(environment, nameof(SamplerTransformer))
    {
        _config = config;
        _progress = progress;
    }

    /// <summary>The column with samples.</summary>
    public string OutputColumn => _config.OutputColumn;

    /// <summary>The column with each row's own seed, where the data has it; null for none.</summary>
    public string? SeedColumn => _config.SeedColumn;

    internal static SamplerTransformer Load(IHostEnvironment environment, ModelReader reader)
        => new(environment, reader.Json<SamplerConfig>(ConfigStream), null);

    private protected override void SaveModel(ModelSaveContext context)
        => new ModelWriter(context, ModelKind.Sampler).Json(ConfigStream, _config).Finish();

    private protected override RowMap Bind(DataViewSchema inputSchema)
    {
        var handle = DenoiserHandle.Get(inputSchema, _config.DenoiserColumn);
        var seed = _config.SeedColumn is null ? null : inputSchema.GetColumnOrNull(_config.SeedColumn);
        if (seed is { } column)
            SeedReader.Check(column);
        return new SamplerMap(handle, _config, inputSchema[_config.DenoiserColumn], seed, _progress);
    }
}
