using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// Adds the log-likelihood of data under a trained denoiser, guided or not: a Single a row. Nothing is computed before it is read. Holds
/// no weights.
/// </summary>
/// <remarks>
/// Thread safe. A result depends on the row alone: on its data and conditions, the seed, and its own seed (or id). It is bit-identical
/// whatever the number and order
/// of rows.
/// </remarks>
public sealed class LogLikelihoodTransformer : RowTransformer
{
    private const string ConfigStream = "Config.json";

    private readonly LogLikelihoodConfig _config;
    private readonly SamplingWatch _watch;
    private readonly RowAgreement _agreement = new();

    internal LogLikelihoodTransformer(IHostEnvironment environment, LogLikelihoodConfig config, SamplingWatch watch)
        : base(environment, nameof(LogLikelihoodTransformer))
    {
        _config = config;
        _watch = watch;
    }

    /// <summary>The column that is added.</summary>
    public string OutputColumn => _config.OutputColumn;

    internal static LogLikelihoodTransformer Load(IHostEnvironment environment, ModelReader reader)
        => new(environment, reader.Json<LogLikelihoodConfig>(ConfigStream).Checked(), SamplingWatch.None);

    private protected override void SaveModel(ModelSaveContext context)
        => new ModelWriter(context, ModelKind.LogLikelihood).Json(ConfigStream, _config).Finish();

    private protected override RowMap Bind(DataViewSchema inputSchema)
        => new LogLikelihoodMap(DenoiserHandle.Get(inputSchema, _config.DenoiserColumn), _config, inputSchema, _watch, _agreement);
}
