using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Edits data with the denoiser of a column. Learns nothing; Fit binds it to the denoiser.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class EditEstimator : IEstimator<EditTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly SamplingConfig _config;
    private readonly SamplingWatch _watch;

    internal EditEstimator(IHostEnvironment environment, string outputColumn, SamplingTask task, SamplingOptions options)
    {
        _environment = environment;
        _config = SamplingConfig.From(outputColumn, task, options, HostSeed.Of(environment));
        _watch = SamplingWatch.Of(options.Progress, options.OnProgress, options.CancellationToken);
    }

    /// <summary>Binds the edit to the denoiser. Computes nothing.</summary>
    /// <param name="input">Data behind a trained denoiser; only its schema is read.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no denoiser, a column is missing or of the wrong type, or a level is none that sampling visits.</exception>
    /// <exception cref="ArgumentException">The solver can not use the spacing or the schedule.</exception>
    public EditTransformer Fit(IDataView input) => new EditTransformer(_environment, _config, _watch).BoundTo(input);

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There is no denoiser, or a column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _config.ShapeBehind(inputSchema);
}
