using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Samples from the denoiser of a column. Learns nothing; Fit binds it to the denoiser.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed partial class SamplerEstimator : IEstimator<SamplerTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly SamplingConfig _config;
    private readonly SamplingWatch _watch;

    internal SamplerEstimator(IHostEnvironment environment, string outputColumn, Options? options)
    {
        options ??= new Options();
        _environment = environment;
        _config = SamplingConfig.From(outputColumn, new SampleTask(options.LatentColumn), options, HostSeed.Of(environment));
        _watch = SamplingWatch.Of(options.Progress, options.OnProgress, options.CancellationToken);
    }

    /// <summary>Binds the sampler to the denoiser. Samples nothing.</summary>
    /// <param name="input">Data behind a trained denoiser; only its schema is read.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no denoiser, or a column is of the wrong type.</exception>
    /// <exception cref="ArgumentException">The solver can not use the spacing or the schedule.</exception>
    public SamplerTransformer Fit(IDataView input) => new SamplerTransformer(_environment, _config, _watch).BoundTo(input);

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There is no denoiser, or a column is of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _config.ShapeBehind(inputSchema);
}
