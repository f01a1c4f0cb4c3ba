using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Bends the denoiser of a column. Learns nothing; Fit binds it to the denoiser.</summary>
/// <remarks>Immutable and thread safe. Networks of the guidance stay their owner's; each fitted transformer holds shares of its own.</remarks>
public sealed class GuidanceEstimator : IEstimator<GuidanceTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly GuidanceConfig _config;

    /// <summary>A guidance.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="guidance">The guidance.</param>
    /// <param name="columns">The columns that it reads; an input without one has the guidance's default in every row.</param>
    /// <param name="denoiserColumn">The column that carries the denoiser.</param>
    internal GuidanceEstimator(IHostEnvironment environment, IGuidance guidance, IEnumerable<GuidanceColumn> columns, string denoiserColumn)
    {
        ArgumentException.ThrowIfNullOrEmpty(denoiserColumn);
        ArgumentNullException.ThrowIfNull(guidance);
        _environment = environment;
        _config = new GuidanceConfig(denoiserColumn, guidance, [.. columns]);
    }

    private GuidanceEstimator(IHostEnvironment environment, GuidanceConfig config) => (_environment, _config) = (environment, config);

    /// <summary>The same guidance, whose networks were trained on data of a codec: a denoiser of another one is refused.</summary>
    internal GuidanceEstimator TrainedOn(IDataCodec codec) => new(_environment, _config with { Codec = codec });

    /// <summary>The same guidance, which reads an input's column as a condition and takes its vector.</summary>
    internal GuidanceEstimator Embedding(string input, TrainedConditionEncoder encoder) => new(_environment, _config with { Embedding = new ConditionEmbedding(input, encoder) });

    /// <summary>Binds the guidance to the denoiser.</summary>
    /// <param name="input">Data behind a trained denoiser; only its schema is read.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no denoiser, the guidance does not fit it, or a column is of the wrong type.</exception>
    public GuidanceTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var config = _config with { Columns = [.. _config.Columns.Select(column => column with { Source = KeySources.Find(input, column.Column) })] };
        var transformer = new GuidanceTransformer(_environment, config, new OwnedNetworks(_config.Networks.Select(network => network.Share()).ToArray()));
        try
        {
            return transformer.BoundTo(input);
        }
        catch
        {
            transformer.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There is no denoiser.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        DenoiserHandle.Check(inputSchema, _config.DenoiserColumn);
        return Shapes.With(inputSchema, DenoiserHandle.ShapeOf(_config.DenoiserColumn, DenoiserHandle.HasSlots(inputSchema, _config.DenoiserColumn)));
    }
}
