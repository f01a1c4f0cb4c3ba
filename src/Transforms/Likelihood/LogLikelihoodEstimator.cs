using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Computes the log-likelihood of data under the denoiser of a column. Learns nothing; Fit binds it to the denoiser.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed partial class LogLikelihoodEstimator : IEstimator<LogLikelihoodTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly LogLikelihoodConfig _config;
    private readonly SamplingWatch _watch;

    internal LogLikelihoodEstimator(IHostEnvironment environment, string outputColumn, string dataColumn, Options? options)
    {
        options ??= new Options();
        _environment = environment;
        _config = LogLikelihoodConfig.From(outputColumn, dataColumn, options, HostSeed.Of(environment));
        _watch = SamplingWatch.Of(options.Progress, options.OnProgress, options.CancellationToken);
    }

    /// <summary>Binds the computation to the denoiser. Computes nothing.</summary>
    /// <param name="input">Data behind a trained denoiser; only its schema is read.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no denoiser, or a column is missing or of the wrong type.</exception>
    public LogLikelihoodTransformer Fit(IDataView input) => new LogLikelihoodTransformer(_environment, _config, _watch).BoundTo(input);

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There is no denoiser, or a column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _config.ShapeBehind(inputSchema);
}
