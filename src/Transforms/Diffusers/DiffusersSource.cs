using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Reads a folder of diffusers as this library's models.</summary>
/// <param name="path">The folder.</param>
/// <param name="pixels">What the pixels of samples mean.</param>
/// <param name="height">The height of what the network takes; what the folder says where null.</param>
/// <param name="width">Its width.</param>
internal sealed class DiffusersSource(string path, PixelCodec pixels, int? height, int? width)
{
    private static readonly string[] Networks = ["unet", "transformer", ""], Schedulers = ["scheduler", ""], Autoencoders = ["vae", "vqvae"];

    private readonly DiffusersFolder _folder = new(path);

    /// <summary>Whether samples are latents, and the folder says how to decode them.</summary>
    public bool HasAutoencoder => _folder.FindPart(DiffusersFolder.ConfigName, Autoencoders) is not null;

    /// <summary>Reads networks, weights and scheduler.</summary>
    /// <param name="conditions">The conditions of the network.</param>
    /// <param name="device">The device for the weights.</param>
    public DiffusersModels Load(ConditionLayout conditions, Device device)
    {
        string part = _folder.FindPart(DiffusersFolder.ConfigName, Networks)
            ?? throw new FileNotFoundException($"'{path}' has neither unet/config.json nor transformer/config.json nor config.json: it is no folder of a diffusion model of diffusers.");
        string scheduler = _folder.FindPart(DiffusersFolder.SchedulerName, Schedulers)
            ?? throw new FileNotFoundException($"'{path}' has no scheduler/scheduler_config.json, which says how noise is added.");
        var options = _folder.Options(part, DiffusersFolder.ConfigName);
        var shape = ShapeOf(options);
        var network = DiffusersNetworks.Read(options);
        var settings = SchedulerConfig.Read(_folder.Options(scheduler, DiffusersFolder.SchedulerName));
        settings.CheckChannels(shape.Dimensions[0]);
        var autoencoder = ReadAutoencoder(shape, device);
        FlatParameters? weights = null;
        try
        {
            // Weights first: nothing is made in the size that the configuration claims before it is known to be theirs.
            weights = _folder.Weights(part, network.ListParameters(shape, conditions), device);
            IDataCodec codec = autoencoder is null ? pixels : new StandardizingCodec(new float[shape.Size], [.. Enumerable.Repeat(1f, shape.Size)]);
            var spec = new DenoiserSpec(network, settings.Parameterization, new GaussianProcess(settings.Schedule), codec, shape, 1, conditions, settings.LevelInput);
            var denoiser = DenoiserModelLoader.Load(spec, weights);
            return new DiffusersModels(denoiser, settings, autoencoder);
        }
        catch
        {
            weights?.Dispose();
            autoencoder?.Dispose();
            throw;
        }
    }

    private AutoencoderModel? ReadAutoencoder(DataShape latents, Device device)
    {
        if (_folder.FindPart(DiffusersFolder.ConfigName, Autoencoders) is not { } part)
            return null;
        var options = _folder.Options(part, DiffusersFolder.ConfigName);
        int channels = options.Whole("out_channels", 3);
        var autoencoder = AutoencoderConfig.Read(options, options.ClassName);
        int factor = 1 << (autoencoder.Channels.Count - 1);
        var shape = options.Of(() => new DataShape(channels, Times(factor, latents.Dimensions[1]), Times(factor, latents.Dimensions[2])));
        if (!autoencoder.LatentShape(shape).Equals(latents))
            throw new InvalidDataException($"'{path}': the network makes latents {latents}, but the autoencoder takes {autoencoder.LatentShape(shape)}.");
        var parameters = _folder.Weights(part, autoencoder.ListParameters(shape), device);
        return new AutoencoderModel(autoencoder, shape, parameters);
    }

    private static int Times(int factor, int size) => (long)factor * size is var product && product <= int.MaxValue
        ? (int)product
        : throw new ArgumentException($"sample_size {size} times {factor}, as many pixels as the autoencoder makes of a latent, is too large.");

    /// <summary>The folders of a pipeline that are not read, such as text encoders.</summary>
    public IReadOnlyList<string> Ignored => _folder.OtherParts([.. Networks, .. Schedulers, .. Autoencoders]);

    private DataShape ShapeOf(DiffusersOptions options)
    {
        var sizes = options.Wholes("sample_size");
        if (sizes.Count == 0 && (height is null || width is null))
            throw new InvalidDataException($"'{path}': the network's configuration has no sample_size. Set the options {nameof(DiffusersEstimator.Options.Height)} and {nameof(DiffusersEstimator.Options.Width)}.");
        int channels = options.Whole("in_channels", options.ClassName == UNetConfig.Unconditional ? 3 : 4);
        return options.Of(() => new DataShape(channels, height ?? sizes[0], width ?? sizes[^1]));
    }
}
