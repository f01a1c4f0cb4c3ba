using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A sampler from a folder of Hugging Face diffusers. Learns nothing; Fit reads the folder, and looks at the schema for conditions.</summary>
/// <remarks>Thread safe.</remarks>
public sealed partial class DiffusersEstimator : IEstimator<ITransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly string _folder;
    private readonly string _outputColumn;
    private readonly Options _options;

    internal DiffusersEstimator(IHostEnvironment environment, string folder, string outputColumn, Options? options)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(outputColumn);
        _environment = environment;
        _folder = folder;
        _outputColumn = outputColumn;
        _options = options ?? new Options();
        ArgumentNullException.ThrowIfNull(_options.ConditionColumns, nameof(options));
        ArgumentNullException.ThrowIfNull(_options.Pixels, nameof(options));
        SamplingSettings.Check(_options.Height is null or > 0, nameof(Options.Height), _options.Height, "positive, or null for what the folder says");
        SamplingSettings.Check(_options.Width is null or > 0, nameof(Options.Width), _options.Width, "positive, or null for what the folder says");
    }

    /// <summary>Reads the folder. Samples nothing.</summary>
    /// <param name="input">The rows to sample for, with the condition columns; only its schema is read.</param>
    /// <returns>A denoiser, guidance where there is some, a sampler, and a decoder where samples are latents.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder has no configuration, or no weights that are read; says which are.</exception>
    /// <exception cref="InvalidDataException">A file is malformed, or the weights are not those of the configuration; says how.</exception>
    /// <exception cref="NotSupportedException">A class or an option has no counterpart; names it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A condition column is missing or of the wrong type.</exception>
    public ITransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var layout = ConditionPacker.LayoutOf(input.Schema, _options.ConditionColumns);
        var source = new DiffusersSource(_folder, _options.Pixels, _options.Height, _options.Width);
        using var loaded = source.Load(layout, HostDevice.Resolve(_environment));
        Tell(source, loaded.Sampling);
        var columns = new DenoiserColumns("", "", "", _options.ConditionColumns) { ConditionSources = KeySources.Of(input, _options.ConditionColumns) };
        var steps = new List<ITransformer> { new DenoiserTransformer(_environment, loaded.TakeDenoiser(), columns, [input.Schema], _options.UnknownValues) };
        try
        {
            var data = steps[0].Transform(input);
            if (_options.GuidanceScale is { } scale)
                Append(new GuidanceEstimator(_environment, new ClassifierFreeGuidance(scale), [], DenoiserColumns.DefaultDenoiser).Fit(data));
            string samples = loaded.HasAutoencoder ? _outputColumn + "Latents" : _outputColumn;
            Append(new SamplerEstimator(_environment, samples, SamplerOptions(loaded.Sampling)).Fit(data));
            if (loaded.TakeAutoencoder() is { } autoencoder)
                steps.Add(new LatentDecoderTransformer(_environment, autoencoder, _options.Pixels, samples, _outputColumn));
            return new TransformerChain<ITransformer>([.. steps]);

            void Append(ITransformer step)
            {
                steps.Add(step);
                data = step.Transform(data);
            }
        }
        catch
        {
            steps.OfType<IDisposable>().ToList().ForEach(step => step.Dispose());
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A condition column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ConditionPacker.Check(inputSchema, _options.ConditionColumns);
        var shape = Shapes.With(inputSchema, DenoiserHandle.ShapeOf(DenoiserColumns.DefaultDenoiser), Shapes.Vector(_outputColumn));
        return new DiffusersSource(_folder, _options.Pixels, _options.Height, _options.Width).HasAutoencoder ? Shapes.With(shape, Shapes.Vector(_outputColumn + "Latents")) : shape;
    }

    // What of the folder has no part in the samples.
    private void Tell(DiffusersSource source, SchedulerSettings sampling)
    {
        using var channel = _environment.Start(nameof(DiffusersEstimator));
        if (source.Ignored is { Count: > 0 } ignored)
            channel.Warning(MessageSensitivity.UserData, "{0}", $"Of the folder '{_folder}' these parts are not read: {string.Join(", ", ignored)}. Texts are encoded elsewhere, and come as a condition column.");
        if (sampling.Dropped is { Count: > 0 } dropped && _options.Sampler is null)
            channel.Warning(MessageSensitivity.UserData, "{0}", $"The scheduler of '{_folder}' has no options {string.Join(", ", dropped)}: they are dropped, as diffusers drops them.");
    }

    private SamplerEstimator.Options SamplerOptions(SchedulerSettings settings) => _options.Sampler
        ?? new SamplerEstimator.Options { Solver = settings.Solver, Spacing = settings.Spacing, Steps = _options.Steps, Clip = settings.Clip };
}
