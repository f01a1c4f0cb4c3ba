using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Adds the pictures of latents: the last step of a latent diffusion model (Rombach et al. 2022, arXiv:2112.10752).</summary>
/// <remarks>Thread safe. Owns the autoencoder; <see cref="Dispose"/> releases it.</remarks>
public sealed class LatentDecoderTransformer : RowTransformer, IDisposable
{
    private const string ConfigStream = "Config.json";
    private const string WeightsStream = "Weights.safetensors";

    private readonly RowAgreement _agreement = new();

    /// <summary>A decoder.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="model">The autoencoder, which the transformer takes over.</param>
    /// <param name="pixels">What pixels mean.</param>
    /// <param name="inputColumn">The column of latents, as a diffusion model makes them.</param>
    /// <param name="outputColumn">The column of pictures that is added.</param>
    internal LatentDecoderTransformer(IHostEnvironment environment, AutoencoderModel model, PixelCodec pixels, string inputColumn, string outputColumn)
        : base(environment, nameof(LatentDecoderTransformer))
    {
        Model = model;
        Release = model.Dispose;
        Pixels = pixels;
        InputColumn = inputColumn;
        OutputColumn = outputColumn;
    }

    /// <summary>The autoencoder.</summary>
    public AutoencoderModel Model { get; }

    /// <summary>What pixels mean.</summary>
    public PixelCodec Pixels { get; }

    /// <summary>The column of latents.</summary>
    public string InputColumn { get; }

    /// <summary>The column of pictures.</summary>
    public string OutputColumn { get; }

    /// <summary>Releases the weights.</summary>
    public void Dispose() => Lifetime.End();

    internal static LatentDecoderTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var config = reader.Json<Config>(ConfigStream);
        var inventory = config.Autoencoder.ListParameters(config.Shape);
        var (device, missing) = HostDevice.ForLoading(environment);
        var parameters = reader.Read(WeightsStream, stream => SafetensorsParameters.Load(stream, inventory, device, Precision.Float32));
        var model = new AutoencoderModel(config.Autoencoder, config.Shape, parameters);
        return new LatentDecoderTransformer(environment, model, config.Pixels, config.InputColumn, config.OutputColumn) { MissingDevice = missing };
    }

    private protected override void SaveModel(ModelSaveContext context) => new ModelWriter(context, ModelKind.LatentDecoder)
        .Json(ConfigStream, new Config(Model.Autoencoder, Model.Shape, Pixels, InputColumn, OutputColumn))
        .Stream(WeightsStream, stream => Model.Parameters.SaveSafetensors(stream))
        .Finish();

    private protected override RowMap Bind(DataViewSchema inputSchema)
        => new LatentDecoderMap(this, DataColumn.Check(inputSchema, InputColumn, Model.LatentShape), _agreement);

    private sealed record Config(Autoencoder Autoencoder, DataShape Shape, PixelCodec Pixels, string InputColumn, string OutputColumn);
}
