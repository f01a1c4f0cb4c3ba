namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>What a folder of diffusers holds. Disposes what nobody took.</summary>
internal sealed class DiffusersModels(DenoiserModel denoiser, SchedulerSettings sampling, AutoencoderModel? autoencoder) : IDisposable
{
    private DenoiserModel? _denoiser = denoiser;
    private AutoencoderModel? _autoencoder = autoencoder;

    public SchedulerSettings Sampling { get; } = sampling;

    public bool HasAutoencoder { get; } = autoencoder is not null;

    public DenoiserModel TakeDenoiser() => Interlocked.Exchange(ref _denoiser, null)!;

    public AutoencoderModel? TakeAutoencoder() => Interlocked.Exchange(ref _autoencoder, null);

    public void Dispose()
    {
        _denoiser?.Dispose();
        _autoencoder?.Dispose();
    }
}
