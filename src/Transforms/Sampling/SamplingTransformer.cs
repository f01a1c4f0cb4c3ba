using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// Runs a trained denoiser over rows and adds what comes of it: vectors of the training data's shape. Nothing is computed before it is read, so that a column
/// nobody reads costs nothing. Holds no weights.
/// </summary>
/// <remarks>
/// Thread safe. A result depends on the row alone: on its conditions and other inputs, the seed, and its own seed (or id). It is bit-identical whatever the
/// number and order of rows. Between batch sizes results agree to the rounding of single precision; a prediction engine takes one row at a time.
/// </remarks>
public abstract class SamplingTransformer : RowTransformer
{
    private const string ConfigStream = "Config.json";

    private readonly ModelKind _kind;
    private readonly SamplingConfig _config;
    private readonly SamplingWatch _watch;
    private readonly RowAgreement _agreement = new();

    private protected SamplingTransformer(IHostEnvironment environment, string name, ModelKind kind, SamplingConfig config, SamplingWatch watch)
        : base(environment, name)
    {
        _kind = kind;
        _config = config;
        _watch = watch;
    }

    /// <summary>The column that is added.</summary>
    public string OutputColumn => _config.OutputColumn;

    /// <summary>The column with each row's own seed, where the data has it; null for none.</summary>
    public string? SeedColumn => Settings.SeedColumn;

    /// <summary>How it samples.</summary>
    internal SamplingSettings Settings => _config.Settings;

    private protected static SamplingConfig ReadConfig(ModelReader reader) => reader.Json<SamplingConfig>(ConfigStream).Checked();

    private protected override void SaveModel(ModelSaveContext context) => new ModelWriter(context, _kind).Json(ConfigStream, _config).Finish();

    private protected override RowMap Bind(DataViewSchema inputSchema) => _config.Bind(inputSchema, _watch, _agreement);
}
